"""What a refusal says to the one who asked."""

from __future__ import annotations

from gateway.domain.errors import AccessDenied, NotAuthenticated, Problem, RulesBroken, refuse
from gateway.domain.verification import Difference


def test_a_problem_names_rule_line_item_and_remedy() -> None:  # ADJ-04
    problem = Problem("ADJ-05", "too much.", "Take less.", "quantity", "9", 3, 17, "A")
    assert str(problem) == "ADJ-05: line 3, item A: too much. Take less."
    assert str(Problem("ADJ-16", "unknown.")) == "ADJ-16: unknown."


def test_an_error_lists_every_problem() -> None:  # ADJ-04
    error = RulesBroken([Problem("A-1", "one."), Problem("B-2", "two.", "Do.")])
    assert str(error) == "A-1: one.; B-2: two. Do."
    assert len(error.problems) == 2


def test_one_problem_of_the_whole_request_has_no_line() -> None:  # ADJ-16
    (problem,) = refuse("ADJ-16", "unknown.", "Look.", field="store_id", value=7).problems
    assert (problem.field, problem.value, problem.line, problem.item_id) == ("store_id", "7", None, None)


def test_a_denial_names_user_and_permissions_only() -> None:  # SEC-04
    assert str(AccessDenied("clerk", ["function edit", "store 2"])) == (
        "SEC-01: user clerk lacks the permission: function edit, store 2"
    )


def test_a_refused_login_never_says_which_half_was_wrong() -> None:  # SEC-04
    assert str(NotAuthenticated()) == "user name or password is not right"


def test_a_difference_reads_as_a_sentence() -> None:  # STK-03
    assert str(Difference("STK-03", "store 1, item A", "3", "4")) == "STK-03: store 1, item A: expected 3, found 4"
