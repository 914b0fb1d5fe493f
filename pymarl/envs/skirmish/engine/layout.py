"""Names of the columns of the engine's arrays: one record per unit, one column per quantity.

State of one environment: ``F`` float64 (U, N_F), ``Z`` int64 (U, N_I), ``C`` int64 (N_C,), ``G``
float64 (N_G,) and one uint64 of random state. Static per map: ``P`` float64 (U, N_P), ``Q`` int64
(U, N_Q). Units 0..N-1 are the agents in SMAC's order, N..N+E-1 the enemies. Lengths are map cells,
times are game loops (16 per "normal" second).
"""

from typing import Final

# --- F: changing numbers of a unit
X: Final = 0  # position
Y: Final = 1
HP: Final = 2  # health, 0..health_max; <= 0 means "dies at the end of this loop"
SH: Final = 3  # shield
EN: Final = 4  # energy
CD: Final = 5  # weapon cooldown left
WT: Final = 6  # wind-up left until the damage point
BS: Final = 7  # backswing left
OX: Final = 8  # goal of a move or attack-move order
OY: Final = 9
FX: Final = 10  # facing, unit vector
FY: Final = 11
VX: Final = 12  # displacement per loop wanted by the unit (air units: its inertial velocity)
VY: Final = 13
PX: Final = 14  # displacement by collisions
PY: Final = 15
SHT: Final = 16  # loops until the shield regenerates
MX: Final = 17  # missile position
MY: Final = 18
HT: Final = 19  # loops until the follow-up hit (second blade, beam sweep)
AX: Final = 20  # where the current target was acquired (leash)
AY: Final = 21
CFH: Final = 22  # loops until the unit may call for help again
SWX: Final = 23  # beam sweep: centre and unit direction of the line
SWY: Final = 24
SDX: Final = 25
SDY: Final = 26
GAP: Final = 27  # smallest distance to a blocker in this loop (scratch)
N_F: Final = 28

# --- Z: changing integers of a unit
ALIVE: Final = 0
ORDER: Final = 1  # one of the orders below
OT: Final = 2  # target of an attack or heal order, -1: none
AT: Final = 3  # target acquired by the unit itself, -1: none
PHASE: Final = 4  # 1 while the weapon winds up
MT: Final = 5  # target of the missile in flight, -1: none
HTT: Final = 6  # target of the follow-up hit
HN: Final = 7  # follow-up hits left
POSE: Final = 8  # one of the poses below
BLK: Final = 9  # unit that blocks the way, -1: none
TURN: Final = 10  # side on which the unit walks around a blocker: sign, and loops it is remembered
HURT: Final = 11  # last attacker in this loop, -1: none
STUCK: Final = 12  # loops for which the unit follows the path cell by cell
N_I: Final = 13

# Orders.
IDLE: Final = 0
MOVE: Final = 1
ATTACK: Final = 2
ATTACK_MOVE: Final = 3
HEAL: Final = 4

# Poses: whether others can push the unit aside.
WALKING: Final = 0
STANDING: Final = 1
ANCHORED: Final = 2

# --- C and G: one environment
LOOP: Final = 0  # game loops since the episode began
STEP: Final = 1  # environment steps since the episode began
ORDERED: Final = 2  # 1 once the enemies' order was given
OVER: Final = 3  # 1 when the episode is over
N_C: Final = 4
TX: Final = 0  # point of the enemies' order
TY: Final = 1
N_G: Final = 2

# --- P: constants of a unit
RADIUS: Final = 0
SEP: Final = 1  # separation radius, 0: does not collide
SPEED: Final = 2  # per loop
ACCEL: Final = 3  # per loop and loop; 0: instant
HP_MAX: Final = 4
SH_MAX: Final = 5
EN_MAX: Final = 6
EN_START: Final = 7
ARMOR: Final = 8
HP_REGEN: Final = 9  # per loop
RANGE: Final = 10  # edge to edge
SLOP: Final = 11
PERIOD: Final = 12
POINT: Final = 13  # damage point
SWING: Final = 14  # backswing
DAMAGE: Final = 15
BONUS: Final = 16
MISSILE: Final = 17  # missile speed per loop
FOLLOW: Final = 18  # loops to the follow-up hit
SCAN: Final = 19  # acquisition range, edge to edge
MELEE_RANGE: Final = 20  # closer than this the melee variant of the weapon is used
MELEE_POINT: Final = 21
SPLASH: Final = 22  # splash radius of a burst
DELAY: Final = 23  # random weapon delay: least, and range of the draw
DELAY_SPAN: Final = 24
WEST: Final = 25  # bounds of the unit's position
SOUTH: Final = 26
EAST: Final = 27
NORTH: Final = 28
N_P: Final = 29

# --- Q: integer constants of a unit
SIDE: Final = 0  # 0 agents, 1 enemies
PASSIVE: Final = 1
WEAPON: Final = 2  # one of the weapons below
HITS: Final = 3  # planes the weapon can hit (bits)
PLANES: Final = 4  # planes the unit can be hit on (bits)
SPACE: Final = 5  # units of the same space collide
NAV: Final = 6  # grid the unit walks on: 0 ground, 1 cliff walker, 2 air
ATTRS: Final = 7  # attribute bits
BONUS_ATTRS: Final = 8
HEALER: Final = 9
STRUCTURE: Final = 10
N_Q: Final = 11

# Weapons.
UNARMED: Final = 0
INSTANT: Final = 1
MISSILES: Final = 2
DOUBLE: Final = 3
SWEEP: Final = 4
BURST: Final = 5

# Planes and attributes.
ON_GROUND: Final = 1
IN_AIR: Final = 2
LIGHT: Final = 1
ARMORED: Final = 2
BIOLOGICAL: Final = 4
MECHANICAL: Final = 8
MASSIVE: Final = 16
STRUCTURAL: Final = 32

# --- M: constants of the map (int64)
M_AGENTS: Final = 0
M_UNITS: Final = 1
M_WIDTH: Final = 2
M_HEIGHT: Final = 3
M_ORDER: Final = 4  # enemy order: 0 none, 1 point, 2 segment, 3 units
M_AFTER: Final = 5
M_OPEN: Final = 6  # + nav: 1 when straight lines never leave the walkable ground
M_BURSTS: Final = 8  # 1 when any unit bursts
N_M: Final = 9
