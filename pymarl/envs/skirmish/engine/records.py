"""The engine's records: units, what is constant about them, the map, and the episode.

Lengths are map cells, times are game loops (16 per "normal" second), flags are 0 or 1. Units
0..N-1 are the agents in SMAC's order, N..U-1 the enemies; unit indices are -1 for "none". Codes
and bits are those of ``codes.py``.
"""

from pymarl.kernels.records import Record


class Unit(Record):
    """What changes about a unit during an episode."""

    x: float  # position
    y: float
    health: float  # 0..health_max; a unit at 0 or below dies at the end of the game loop
    shield: float
    energy: float
    cooldown: float  # loops until the weapon may attack again
    wind_up: float  # loops from here to the damage point, while winding_up
    backswing: float  # loops until the unit may move after its attack
    goal_x: float  # of a move or attack-move order
    goal_y: float
    facing_x: float  # unit vector
    facing_y: float
    velocity_x: float  # cells per loop that the unit wants (air units: their inertial velocity)
    velocity_y: float
    push_x: float  # displacement by collisions in this loop
    push_y: float
    shield_timer: float  # loops without damage until the shield regenerates
    missile_x: float  # position of the missile in flight
    missile_y: float
    follow_up_timer: float  # loops until the follow-up hit (second blade, sweep of the beam)
    leash_x: float  # where the unit stood when it acquired its target
    leash_y: float
    help_timer: float  # loops until the unit may call for help again
    sweep_x: float  # centre of the beam's line
    sweep_y: float
    sweep_direction_x: float  # unit vector along the beam's line
    sweep_direction_y: float
    blocker_distance: float  # edge to edge, to the nearest blocker of this loop
    alive: int  # flag
    order: int  # code
    ordered_target: int  # unit of an attack or heal order
    acquired_target: int  # unit that this one chose to attack by itself
    has_fought: int  # flag: it has chosen a target in this episode
    found_target: int  # flag: it has found a target in this loop, and its friends are told
    winding_up: int  # flag: the weapon is between the attack's start and its damage point
    missile_target: int  # unit that the missile in flight follows
    follow_up_target: int  # unit of the follow-up hit
    follow_ups_left: int  # follow-up hits still to come
    pose: int  # code
    blocker: int  # unit in the way
    sidestep: int  # side on which it walks around blockers (sign: + left), and loops to remember it
    attacked_by: int  # last unit that did damage to it in this loop
    stuck_loops: int  # loops for which it follows its path cell by cell


class UnitTraits(Record):
    """What is constant about a unit: the numbers of its type, its side, and where it may be."""

    radius: float  # of range measurements
    separation: float  # radius of collisions; 0: it collides with nobody
    speed: float  # cells per loop
    acceleration: float  # cells per loop and loop; 0: instant
    health_max: float
    shield_max: float
    energy_max: float
    energy_start: float
    armor: float  # taken from every hit on health
    health_regeneration: float  # per loop
    attack_range: float  # edge to edge
    range_slop: float  # an attack goes on while the target is within attack_range + range_slop
    attack_period: float  # from attack to attack, without the random delay
    damage_point: float  # from the start of an attack to its damage
    backswing: float  # from the damage to when the unit moves again
    damage: float  # per hit
    damage_bonus: float  # per hit, against units with one of the bonus_attributes
    missile_speed: float  # cells per loop
    follow_up_delay: float  # from the damage to the follow-up hit, or from sweep to sweep
    acquisition_range: float  # edge to edge
    melee_range: float  # closer than this the melee variant of the weapon is used; 0: it has none
    melee_damage_point: float
    splash_radius: float  # of a burst
    attack_delay_min: float  # the random delay of an attack: its least value,
    attack_delay_span: float  # and the width of its distribution
    west: float  # bounds of the position: west <= x < east, south <= y < north
    south: float
    east: float
    north: float
    side: int  # code
    is_passive: int  # flag: attacks and heals only when it is ordered to
    weapon: int  # code
    reached_planes: int  # bits: planes that the weapon reaches
    planes: int  # bits: planes on which the unit can be hit
    collision_layer: int  # units of one layer collide with each other
    mover: int  # code
    attributes: int  # bits
    bonus_attributes: int  # bits: attributes against which damage_bonus counts
    is_healer: int  # flag
    is_structure: int  # flag
    always_threatens: int  # flag: attackers prefer it like one that attacks them
    turns_to_walk: int  # flag: it walks only where it looks


class MapConstants(Record):
    """Sizes and rules of a map."""

    n_agents: int  # N
    n_units: int  # U, agents and enemies
    width: int
    height: int
    enemy_order: int  # code: what the map's script orders the enemies to do
    enemy_order_after: int  # ... and after how many game loops
    enemy_order_every: int  # game loops from order to order; 0: there is one
    ground_is_open: int  # flag: straight lines never leave the ground that ground units walk on
    cliffs_are_open: int  # flag: the same for cliff walkers


class Episode(Record):
    """Where the episode of an environment stands."""

    game_loops: int  # since it began
    steps: int  # environment steps since it began
    enemies_ordered: int  # flag: the enemies have had the order of the map's script
    is_over: int  # flag
    order_phase: int  # game loops by which this episode's orders come later; set before it begins
    next_order: int  # game loop of the enemies' next order
    order_x: float  # point of the enemies' order
    order_y: float
