//! The order of steps: a list with insertion anywhere in constant time.

/// The position of a step; stays valid.
pub(in crate::edit) type StepId = usize;

/// Steps one after the other. They are numbered as they are added, from 0.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    /// The neighbours of each step, before and after.
    beside: Vec<(Option<StepId>, Option<StepId>)>,
    first: Option<StepId>,
    last: Option<StepId>,
}

impl Order {
    /// Puts the next step after all others.
    pub(super) fn push(&mut self) {
        let id = self.beside.len();
        self.beside.push((self.last, None));
        match self.last {
            Some(last) => self.beside[last].1 = Some(id),
            None => self.first = Some(id),
        }
        self.last = Some(id);
    }

    /// Puts the next step right before or after another.
    pub(super) fn insert(&mut self, beside: StepId, after: bool) {
        let (previous, next) = match after {
            true => (Some(beside), self.beside[beside].1),
            false => (self.beside[beside].0, Some(beside)),
        };
        let id = self.beside.len();
        self.beside.push((previous, next));
        match previous {
            Some(previous) => self.beside[previous].1 = Some(id),
            None => self.first = Some(id),
        }
        match next {
            Some(next) => self.beside[next].0 = Some(id),
            None => self.last = Some(id),
        }
    }

    /// The steps in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = StepId> {
        std::iter::successors(self.first, |&id| self.beside[id].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_steps_stand_where_they_were_put() {
        let mut order = Order::default();
        order.push();
        order.push();
        order.insert(1, false);
        order.insert(1, true);
        order.insert(0, false);
        order.insert(2, true);
        order.push();
        assert_eq!(order.iter().collect::<Vec<_>>(), [4, 0, 2, 5, 1, 3, 6]);
    }
}
