//! What a proof found, line by line, and what of it breaks a promise.

use crate::text::printable;

/// What a line of a verdict is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Aspect {
    /// What differs from the model before.
    Changed,
    /// Nodes and weights that are as before.
    Backbone,
    /// Changes that no edit on record explains, and that nobody said are meant.
    Declared,
    /// The rules that a model is held to.
    Rules,
    /// Operators that have no definition here.
    Operators,
    /// Runs on seeded inputs.
    Run,
    /// NaN, infinite and subnormal numbers, and where they first appear.
    Numbers,
    /// Values inside, where what is unchanged ends.
    Features,
    /// Outputs, beside those of the model before.
    Outputs,
    /// Sums of probabilities.
    Softmax,
    /// Whether outputs depend on inputs.
    NotVacuous,
    /// Outputs, beside those that were given.
    Expected,
    /// How often the best class is the labelled one.
    Accuracy,
    /// A second engine.
    Onnxruntime,
    /// Batches of other sizes.
    Batch,
    /// Inputs and outputs, beside those of the model before.
    Contract,
    /// What nobody looked at.
    NotProven,
}

impl Aspect {
    /// The word for reports and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Aspect::Changed => "changed",
            Aspect::Backbone => "backbone",
            Aspect::Declared => "declared",
            Aspect::Rules => "rules",
            Aspect::Operators => "operators",
            Aspect::Run => "run",
            Aspect::Numbers => "numbers",
            Aspect::Features => "features",
            Aspect::Outputs => "outputs",
            Aspect::Softmax => "softmax",
            Aspect::NotVacuous => "not vacuous",
            Aspect::Expected => "expected",
            Aspect::Accuracy => "accuracy",
            Aspect::Onnxruntime => "onnxruntime",
            Aspect::Batch => "batch",
            Aspect::Contract => "contract",
            Aspect::NotProven => "NOT PROVEN",
        }
    }
}

/// How a line of a verdict came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It holds.
    Holds,
    /// A fact from which nothing follows.
    Noted,
    /// It holds, and is worth a look.
    Warns,
    /// It could not be verified.
    Unverified,
    /// It does not hold.
    Fails,
}

impl State {
    /// The word for JSON.
    pub fn word(self) -> &'static str {
        match self {
            State::Holds => "holds",
            State::Noted => "noted",
            State::Warns => "warns",
            State::Unverified => "unverified",
            State::Fails => "fails",
        }
    }

    /// The mark before the text of a line; empty for what is only noted.
    fn mark(self) -> &'static str {
        match self {
            State::Holds => "ok: ",
            State::Noted => "",
            State::Warns => "WARNING: ",
            State::Unverified => "NOT VERIFIED: ",
            State::Fails => "FAILS: ",
        }
    }
}

/// A line of a verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// What was looked at.
    pub aspect: Aspect,
    /// How it came out.
    pub state: State,
    /// What was found.
    pub text: String,
}

/// What was found, line by line.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// The lines, in the order of what was looked at.
    pub lines: Vec<Statement>,
}

/// What an edit promises of the model that it makes, beside what it is held to in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Promise {
    /// What the model's own metadata say of its last edit: after a head edit, that nothing but
    /// the head differs.
    #[default]
    Recorded,
    /// As [`Promise::Recorded`]; and what no edit on record explains is of a kind that may differ.
    Declared(Allowed),
    /// Nothing but the head differs, whatever the metadata say.
    Head,
    /// Nothing differs but names, and the outputs are the same, bit for bit.
    Same,
    /// As [`Promise::Same`], but for the contents of weights, which are gone.
    Stripped,
}

/// Kinds of differences that are meant though no edit on record explains them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Allowed {
    /// Stored constants: other contents or shapes, new ones, missing ones.
    pub weights: bool,
    /// Operators and functions: new, missing, with other attributes or operands.
    pub operators: bool,
}

impl Promise {
    /// What may differ beside what the promise is about; nothing where it is about everything.
    pub(super) fn allowed(self) -> Allowed {
        match self {
            Promise::Declared(allowed) => allowed,
            _ => Allowed::default(),
        }
    }

    /// Whether nothing may differ from the model before.
    pub(super) fn is_same(self) -> bool {
        matches!(self, Promise::Same | Promise::Stripped)
    }
}

impl Verdict {
    pub(super) fn add(&mut self, aspect: Aspect, state: State, text: impl Into<String>) {
        self.lines.push(Statement { aspect, state, text: text.into() });
    }

    /// The line takes the place of the one on its aspect, or is the last.
    pub fn set(&mut self, line: Statement) {
        match self.lines.iter_mut().find(|own| own.aspect == line.aspect) {
            Some(own) => *own = line,
            None => self.lines.push(line),
        }
    }

    /// The worst of its lines.
    pub fn state(&self) -> State {
        self.lines.iter().map(|line| line.state).max().unwrap_or(State::Holds)
    }

    /// The first line that says that an edit broke its promise.
    ///
    /// What was wrong with a model before, such as outputs that are not numbers, is not the
    /// fault of an edit that promises to change nothing.
    pub(crate) fn broken(&self, promise: Promise) -> Option<&Statement> {
        let as_before = self.has(Aspect::Outputs, State::Holds);
        let its_fault = |aspect: Aspect| match promise {
            Promise::Recorded | Promise::Declared(_) | Promise::Head => true,
            Promise::Same => match aspect {
                Aspect::Backbone | Aspect::Outputs => true,
                Aspect::Run => !as_before,
                _ => false,
            },
            Promise::Stripped => aspect == Aspect::Backbone,
        };
        self.lines.iter().find(|line| line.state == State::Fails && its_fault(line.aspect))
    }

    /// The lines that say how a promise was kept.
    pub(crate) fn on(self, promise: Promise) -> Verdict {
        let concerns = |line: &Statement| match promise {
            Promise::Recorded | Promise::Declared(_) | Promise::Head => true,
            Promise::Same => {
                matches!(line.aspect, Aspect::Backbone | Aspect::Outputs) || line.state == State::Unverified
            }
            Promise::Stripped => line.aspect == Aspect::Backbone,
        };
        Verdict { lines: self.lines.into_iter().filter(concerns).collect() }
    }

    fn has(&self, aspect: Aspect, state: State) -> bool {
        self.lines.iter().any(|line| line.aspect == aspect && line.state == state)
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for line in &self.lines {
            writeln!(f, "{:<11} {}{}", line.aspect.word(), line.state.mark(), printable(&line.text))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(lines: &[(Aspect, State)]) -> Verdict {
        let mut verdict = Verdict::default();
        lines.iter().for_each(|&(aspect, state)| verdict.add(aspect, state, ""));
        verdict
    }

    fn broken(promise: Promise, lines: &[(Aspect, State)]) -> bool {
        verdict(lines).broken(promise).is_some()
    }

    #[test]
    fn a_change_of_the_backbone_breaks_every_promise() {
        let changed = [(Aspect::Backbone, State::Fails)];
        for promise in [Promise::Recorded, Promise::Head, Promise::Same, Promise::Stripped] {
            assert!(broken(promise, &changed), "{promise:?}");
        }
    }

    #[test]
    fn a_rename_is_to_blame_for_a_run_only_if_its_outputs_are_other_ones() {
        let run = (Aspect::Run, State::Fails);
        assert!(broken(Promise::Same, &[run]));
        assert!(!broken(Promise::Same, &[run, (Aspect::Outputs, State::Holds)]));
        assert!(!broken(Promise::Stripped, &[run]));
        assert!(!broken(Promise::Same, &[(Aspect::Rules, State::Fails)]));
        assert!(broken(Promise::Recorded, &[(Aspect::Rules, State::Fails)]));
    }
}
