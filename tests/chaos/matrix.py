# tests/chaos/matrix.py: all faults by their names in the fault matrix, in the order in which a run brings them about.
import faults
import faults_of_disks
from fault import Fault

ALL = {one.name: one for file in (faults, faults_of_disks) for one in vars(file).values() if isinstance(one, Fault)}
