"""The columns of a predictions file by the file's own names."""

from __future__ import annotations

from dataclasses import dataclass

ID, TARGET, PREDICTION, SCORE = "id", "target", "prediction", "score_"
TRUE, PREDICTED = "target_", "prediction_"
"""Prefixes of the columns of a label in a multilabel task."""


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """`id` are the columns of a row's key; without any, the number of the row is its key. `scores`
    maps classes to their columns; None: every column `score_<class>`.

    `measured` are the columns of the manifest's own metrics, `flags` the boolean ones of them, and
    `group` the column of rows that are resampled together. Rows of a task `scored` have no target
    and no prediction (`is_scored`); those of a task `multilabel` have one of each label
    (`has_labels`). A file that is older than a metric may lack its columns
    (`is_partial`).
    """

    id: tuple[str, ...] = (ID,)
    target: str = TARGET
    prediction: str = PREDICTION
    scores: tuple[tuple[str, str], ...] | None = None
    measured: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    group: str = ""
    is_scored: bool = False
    has_labels: bool = False
    is_partial: bool = False

    @property
    def has_answers(self) -> bool:
        """True if each row has one target and one prediction."""
        return not (self.is_scored or self.has_labels)

    @property
    def is_plain(self) -> bool:
        """True if all columns have their usual names."""
        mapped = ColumnMap(self.id, self.target, self.prediction, self.scores)
        return mapped == ColumnMap() and self.has_answers

    @property
    def is_numbered(self) -> bool:
        """True if rows have no key but their number."""
        return not self.id

    @property
    def answers(self) -> tuple[str, ...]:
        """The columns that the model writes, except scores that only their prefix names."""
        known = (self.prediction, *(c for _, c in self.scores or ())) if self.has_answers else ()
        return tuple(dict.fromkeys((*known, *self.measured)))

    @property
    def outputs(self) -> tuple[str, ...]:
        """The columns that the model writes, as patterns."""
        return (*self.answers, *(f"{prefix}*" for prefix in self._prefixes))

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that are compared with nothing: a row's key and its target."""
        if self.has_labels:
            return (*self.id, f"{TRUE}*")
        return self.id if self.is_scored else (*self.id, self.target)

    def is_output(self, name: str) -> bool:
        """True if a column is an output of the model and not an input."""
        return name in self.answers or name.startswith(self._prefixes)

    @property
    def _prefixes(self) -> tuple[str, ...]:
        """The prefixes of columns that the model writes."""
        if self.has_labels:
            return PREDICTED, SCORE
        return (SCORE,) if self.has_prefix else ()

    @property
    def has_prefix(self) -> bool:
        """True if scores are all columns `score_<class>`."""
        return self.scores is None and self.has_answers

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that a file must have, each once."""
        mapped = (column for _, column in self.scores or ())
        known = (self.target, self.prediction, *mapped) if self.has_answers else ()
        group = (self.group,) if self.group else ()
        measured = () if self.is_partial else self.measured
        return tuple(dict.fromkeys((*self.id, *known, *measured, *group)))

    @property
    def text(self) -> str:
        """The map as text, for example `id pin, target price, prediction prediction`."""
        key = f"{ID} {' + '.join(self.id) or 'row number'}"
        if not self.has_answers:
            return key
        words = [
            key,
            f"{TARGET} {self.target}",
            f"{PREDICTION} {self.prediction}",
            *(f"{SCORE}{label} {column}" for label, column in self.scores or ()),
        ]
        return ", ".join(words)

    def own(self, name: str) -> tuple[str, ...]:
        """Return the file's own names of a column."""
        known = {ID: self.id, TARGET: (self.target,), PREDICTION: (self.prediction,)}
        if self.scores is not None:
            known |= {f"{SCORE}{label}": (column,) for label, column in self.scores}
            known[f"{SCORE}*"] = tuple(column for _, column in self.scores)
        return known.get(name, (name,))
