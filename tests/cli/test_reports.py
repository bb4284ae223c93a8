"""`privity reports`: what people told the administrator."""

from __future__ import annotations

from privity.config import Config
from privity.main import open_house
from privity.matrix.ids import UserId
from privity.store import reports
from privity.store.reports import Report
from tests.cli.commands import Operator

ANN, EVE = UserId("@ann:privity.test"), UserId("@eve:privity.test")


async def test_reports_are_told_to_a_program_and_to_a_person(operator: Operator) -> None:
    await operator.has_started_a_server()
    assert operator.types("reports").out == "Nobody has reported anything.\n"
    report = Report(1_800_000_000_000, ANN, None, None, EVE, "sends\x1b[2J spam")
    async with open_house(Config(data_dir=operator.data_dir)) as house:
        await house.store.write(lambda tx: reports.add(tx, report))
    (told,) = operator.types("reports", "--json").json["reports"]
    assert (told["reporter"], told["user_id"]) == (ANN, EVE)
    said = operator.types("reports").out
    assert "@ann:privity.test" in said
    assert "sends?[2J spam" in said
