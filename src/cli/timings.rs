//! `--timings`: the time that each step took, and each phase of the layout.
//!
//! A step is counted from the end of the one before, a phase from whatever ended last.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use crate::draw::Done;

/// A stopwatch that notes the ends of steps.
pub(super) struct Timings {
    /// When the last step ended, and the last step or phase.
    last: RefCell<(Instant, Instant)>,
    steps: RefCell<Vec<Step>>,
    /// The phases of the step that goes on.
    phases: RefCell<Vec<Time>>,
}

type Time = (&'static str, Duration);

struct Step {
    time: Time,
    phases: Vec<Time>,
}

impl Timings {
    /// Starts the first step.
    pub(super) fn start() -> Self {
        let now = Instant::now();
        Timings { last: RefCell::new((now, now)), steps: RefCell::default(), phases: RefCell::default() }
    }

    /// Notes the end of a step or a phase.
    pub(super) fn done(&self, done: Done) {
        let now = Instant::now();
        let (mut last, mut phases) = (self.last.borrow_mut(), self.phases.borrow_mut());
        match done {
            Done::Phase(name) => {
                let time = now - last.1;
                match phases.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, sum)) => *sum += time,
                    None => phases.push((name, time)),
                }
            }
            Done::Step(name) => {
                let phases = std::mem::take(&mut *phases);
                self.steps.borrow_mut().push(Step { time: (name, now - last.0), phases });
                last.0 = now;
            }
        }
        last.1 = now;
    }

    /// Prints all steps in order, and the phases of each, the longest first.
    pub(super) fn print(self) {
        let steps = self.steps.into_inner();
        let sum: Duration = steps.iter().map(|step| step.time.1).sum();
        for Step { time: (step, time), mut phases } in steps {
            eprintln!("{step:<8} {:>9.2} ms", time.as_secs_f64() * 1e3);
            phases.sort_by_key(|&(_, time)| std::cmp::Reverse(time));
            for (phase, time) in phases {
                eprintln!("  {phase:<8} {:>7.2} ms", time.as_secs_f64() * 1e3);
            }
        }
        eprintln!("{:<8} {:>9.2} ms", "all", sum.as_secs_f64() * 1e3);
    }
}
