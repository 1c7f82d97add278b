"""What is wrong with one model is that model's result; a system that is down is asked once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock import errors
from interlock.services.each_model import EachModel, ModelStopped

OF_ONE_MODEL = (
    errors.CannotReadDocument("candidate.json of run 1 is malformed", hint="train it again"),
    errors.CannotReadManifest("vital.yaml: the schema is broken"),
    errors.CannotPromote("nothing proves it"),
    errors.LedgerBroken("a record is no JSON"),
    errors.CannotTrain("the program failed"),
)
REGISTRY = errors.CannotReachRegistry("MLflow did not answer", hint="run it again")
fates = st.lists(st.sampled_from([None, *OF_ONE_MODEL, REGISTRY]), max_size=8)


@given(fates, st.booleans())
def test_always__every_model_has_a_result_in_order_and_a_system_that_is_down_is_tried_once(
    fates: list[errors.InterlockError | None], is_up: bool
) -> None:
    tried: list[str] = []
    probed: list[bool] = []

    def probe() -> None:
        probed.append(is_up)
        if not is_up:
            raise errors.CannotReachRegistry("MLflow did not answer the probe either")

    def act(name: str) -> str:
        tried.append(name)
        fate = fates[int(name)]
        if fate is not None:
            raise fate
        return name

    names = [str(number) for number in range(len(fates))]
    each = EachModel({errors.CannotReachRegistry: probe})
    results = [each.do(name, act, otherwise=_itself) for name in names]

    down = fates.index(REGISTRY) if REGISTRY in fates and not is_up else len(fates)
    assert tried == names[: down + 1]
    assert len(probed) == (fates.count(REGISTRY) if is_up else REGISTRY in fates)
    for number, (name, fate, result) in enumerate(zip(names, fates, results, strict=True)):
        if number > down:
            assert result == ModelStopped(name, REGISTRY, is_attempted=False)
        else:
            assert result == (name if fate is None else ModelStopped(name, fate))


def test_without_a_probe_a_failing_system_counts_as_down() -> None:
    each = EachModel()
    assert each.do("a", _fails, otherwise=_sentence) == "MLflow did not answer (run it again)"
    assert each.do("b", _fails, otherwise=_sentence) == (
        "not attempted: MLflow did not answer (run it again)"
    )


def test_a_probe_of_another_system_does_not_count() -> None:
    each = EachModel({errors.CannotReachGit: lambda: None})
    each.do("a", _fails, otherwise=_sentence)
    assert each.do("b", str, otherwise=_sentence).startswith("not attempted")


def test_a_missing_setting_and_a_bug_end_the_run() -> None:
    for error in (errors.MissingSetting("MLflow is not installed"), ZeroDivisionError()):
        with pytest.raises(type(error)):
            EachModel().do("a", lambda _, e=error: _raise(e), otherwise=_sentence)  # type: ignore[misc]


@pytest.mark.parametrize("error", [*OF_ONE_MODEL, REGISTRY], ids=lambda e: type(e).__name__)
def test_a_stopped_model_has_the_exit_code_of_its_error(error: errors.InterlockError) -> None:
    stopped = EachModel().do("a", lambda _: _raise(error), otherwise=_itself)
    assert isinstance(stopped, ModelStopped)
    assert stopped.exit_code == error.exit_code


CODES = (0, 1, 2, 3, 4, 70)


@given(st.lists(st.sampled_from(CODES)))
def test_the_worst_code__is_the_greatest_of_those_with_a_meaning(codes: list[int]) -> None:
    assert errors.worst(codes) == max(codes, default=0)


@pytest.mark.parametrize("code", [-1, 5, 130])
def test_the_worst_code__of_no_meaning_is_a_bug(code: int) -> None:
    assert errors.worst([0, code, 4]) == errors.EXIT_BUG


def _fails(_: str) -> str:
    raise REGISTRY


def _raise(error: Exception) -> str:
    raise error


def _itself(stopped: ModelStopped) -> ModelStopped | str:
    return stopped


def _sentence(stopped: ModelStopped) -> str:
    return stopped.sentence
