"""How many tokens the teacher would have billed for a text, from what it billed for others of the same task."""

from dataclasses import dataclass

from analytics.kept_tasks import snapshot_folder
from analytics.store import open_store
from analytics.workspace import Workspace
from pipeline.router.asked import Asked
from pipeline.router.replies import Usage

USUAL = 0.25  # tokens a character of English, where a log has no counts of its own


@dataclass(frozen=True)
class TokenRates:
    """Tokens a character; one file's worth of calls averages to within a few per cent, one call does not."""

    input: float = USUAL
    output: float = USUAL
    calls: int = 0  # that they were measured on; 0: assumed

    def usage(self, asked: Asked, answer: str) -> Usage:
        """What one exchange would have been billed as."""
        fields = asked.fields
        said = len(fields["system_prompt"] or "") + len(fields["messages"] or fields["input_text"] or "")
        return Usage(max(1, round(said * self.input)), max(1, round(len(answer) * self.output)))


def measure(workspace: Workspace, task_id: str) -> TokenRates:
    """The rates of one task's log."""
    with open_store(workspace, snapshot_folder(workspace)) as store:
        found = store.rows("sum_task_tokens", task_id=task_id)[0]
    if not found["calls"] or not found["input_characters"] or not found["output_characters"]:
        return TokenRates()
    return TokenRates(
        float(found["input_tokens"]) / float(found["input_characters"]),
        float(found["output_tokens"]) / float(found["output_characters"]),
        int(found["calls"]),
    )
