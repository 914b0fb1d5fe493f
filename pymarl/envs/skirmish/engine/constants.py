"""The engine's constants: what StarCraft II's data says, and what was chosen where it is silent.

Times are game loops, lengths map cells. ``data`` marks numbers read from the game's 4.10 Liberty
data (core defaults), ``chosen`` marks ours; docs/environments/simulator.md gives the reasons.
"""

from typing import Final

LOOPS_PER_SECOND: Final = 16.0  # data: a "normal" game second, the unit of all data times

# --- weapons ---
DELAY_LOW: Final = -1.0  # data: RandomDelay -0.0625 s
DELAY_HIGH: Final = 2.0  # data: RandomDelay +0.125 s; drawn uniformly (the distribution is chosen)
DAMAGE_MINIMUM: Final = 0.5  # data: after armor
ARC_COS: Final = 0.9807852804032304  # data: ArcSlop 11.25 degrees, its cosine
TURN_COS: Final = 0.46174861323503386  # data: 1000 degrees/s = 62.5 per loop, cosine and sine
TURN_SIN: Final = 0.8870108331782217
BURST_VS_STRUCTURE: Final = 80.0  # data: baneling against buildings

# --- beam sweep of the colossus ---
SWEEP_HALF: Final = 1.25  # data: the line reaches this far to both sides of the target
SWEEP_STEP: Final = 0.25  # data: distance of its 11 search points
SWEEP_REACH: Final = 0.15  # data: radius of a search point, to the edge of a unit
SWEEP_DELAY: Final = 4.0  # data: 0.25 s from the damage point to the first sweep

# --- tentacle of the spine crawler ---
TENTACLE_LONG: Final = 3.0  # data: beyond this distance of the edges the long movers are used
TENTACLE_HOLD: Final = 3  # data: ReturnDelay 0.175 s, in whole loops

# --- regeneration ---
SHIELD_DELAY: Final = 160.0  # data: 10 s without damage
SHIELD_REGEN: Final = 0.125  # data: 2 per second
ENERGY_REGEN: Final = 0.5625 / 16.0  # data

# --- medivac ---
HEAL_PER_LOOP: Final = 9.0 / 16.0  # data
ENERGY_PER_HP: Final = 0.33  # data
HEAL_RANGE: Final = 4.0  # data, edge to edge
AUTOCAST_RANGE: Final = 6.0  # data, edge to edge
AUTOCAST_ENERGY: Final = 5.0  # data: least energy to begin a heal by itself

# --- targets ---
LEASH: Final = 21.0  # data: AcquireLeashRadius
HELP_RADIUS: Final = 4.0  # data: CallForHelpRadius
HELP_PERIOD: Final = 32.0  # data: CallForHelpPeriod 2 s
RESCAN_LOOPS: Final = 8  # chosen: a unit with a target looks for a better one
COMBAT_RANGE: Final = 8.0  # chosen: acquisition range of an attack-moving unit that has fought
MELEE_WEAPON_RANGE: Final = 1.0  # chosen: weapons that reach less far are melee weapons

# --- movement ---
ARRIVE_MOVE: Final = 0.05  # chosen: a move order is done this close to its goal
ARRIVE_ATTACK: Final = 0.5  # chosen: an attack-move is done this close to its goal
CROWD_RADIUS: Final = 3.0  # chosen: ... or this close when an idle friend stands in the way
SQUEEZE_MELEE: Final = 0.6  # chosen: share of the separation that melee walkers keep from friends
SQUEEZE_RANGED: Final = 0.8  # chosen: ... that ranged walkers keep (inner radius of a stalker)
CONTACT: Final = 0.05  # chosen: a unit this near to another one's edge counts as blocked
PUSH_MAX: Final = 0.25  # chosen: most a unit is pushed per loop
TURN_MEMORY: Final = 16  # chosen: loops a unit remembers on which side it walks around a blocker
STUCK_LOOPS: Final = 8  # chosen: loops a unit that terrain stopped follows its path cell by cell
STUCK_SHARE: Final = 0.25  # chosen: "stopped" means less than this share of the wanted way
REACH: Final = 1e-9  # chosen: tolerance of range checks, against rounding of positions
