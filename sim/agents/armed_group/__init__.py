"""Armed groups: they form beliefs, choose what to do, and do it.

One row is a group, or a detachment of a large one; `faction` ties detachments. Each week a group takes in
what it sees and hears (`beliefs`), weighs what draws it (`motives`), chooses by noisy utility among lying
low, taxing, contesting control, attacking civilians and robbing aid, and once a quarter moving (`choice`),
does it, and lives on what it brings (`means`). Violence is selective where people tell it who is against
it, indiscriminate where nobody does, or for loot. What becomes of groups stands in `sim.agents.faction`.

Sources: deterrence as expected cost, Fjelde, Hultman & Nilsson 2019 and Phayal & Prins 2020
(evidence 3, target choice); violence by control and information, Kalyvas 2006; contests, Hirshleifer
1989; heavy-tailed severity, Clauset & Young 2005, Bohorquez et al. 2009 and GED (E2f); whoever holds
a space governs it, Raleigh & Dowd 2013. The algebra is this model's own wherever no form was found.
"""

from sim.agents.armed_group.agent import ArmedGroup
from sim.agents.armed_group.beliefs import observe
from sim.agents.armed_group.choice import decide, prepare
from sim.agents.armed_group.means import act, muster
from sim.agents.armed_group.table import TABLE
from sim.world.codes import Choice

__all__ = ["TABLE", "ArmedGroup", "Choice", "act", "decide", "muster", "observe", "prepare"]
