"""Reading a record's own content before it is sealed: gates it meets, material that may not be taken, signs of risk."""

from santiao.domain.events.sources import GateFound
from santiao.domain.gates import GateAction, evaluate_gates, gate_input_of, read_item
from santiao.domain.policy import Policy
from santiao.domain.records import AgencyRecord
from santiao.hub.prepare import Findings


class Examiner:
    """Applies the rulebook to what only the edge may read."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def examine(self, record: AgencyRecord) -> Findings:
        """Gates by the record's own codes and texts; a refusing one means that nothing of the record is kept."""
        item = gate_input_of(record)
        reading = read_item(self.policy.rulebook, item)
        hits = evaluate_gates(self.policy.rulebook, item, reading=reading)
        if hits and hits[0].action is GateAction.REFUSE:
            return Findings(refusal=hits[0].reason, refusal_rule=hits[0].rule_version)
        gates = tuple(GateFound(hit.gate, hit.reason, hit.rule_version) for hit in hits)
        return Findings(gates=gates, risks=self.policy.risk_signs(item, reading))
