//! Disjoint sets.

/// Disjoint sets that know their members.
pub(super) struct Forest {
    set: Vec<u32>,
    members: Vec<Vec<u32>>,
}

impl Forest {
    /// `n` sets of one member each.
    pub(super) fn new(n: usize) -> Self {
        Forest { set: (0..n as u32).collect(), members: (0..n as u32).map(|v| vec![v]).collect() }
    }

    /// The number of the set that `v` is in.
    pub(super) fn root(&self, v: u32) -> u32 {
        self.set[v as usize]
    }

    /// The members of a set.
    pub(super) fn members(&self, root: u32) -> &[u32] {
        &self.members[root as usize]
    }

    /// Joins the sets of `a` and `b`; false if they were one.
    pub(super) fn join(&mut self, a: u32, b: u32) -> bool {
        let (mut small, mut large) = (self.root(a), self.root(b));
        if small == large {
            return false;
        }
        if self.members[small as usize].len() > self.members[large as usize].len() {
            std::mem::swap(&mut small, &mut large);
        }
        let moved = std::mem::take(&mut self.members[small as usize]);
        for &v in &moved {
            self.set[v as usize] = large;
        }
        self.members[large as usize].extend(moved);
        true
    }
}
