//! The tree of groups: a page with groups in it, and in those more groups and nodes.
//!
//! Kept as a list in which a group stands before those inside it, and by the positions of
//! nodes in the view; so the tree may be as deep as a file makes it.

/// A frame, or a closed box in its place.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// The group around it; `None` for the page.
    pub parent: Option<usize>,
    /// The names of the scopes down to it, joined by `/`.
    pub path: String,
    /// Its own name.
    pub title: String,
    /// The class it is an instance of.
    pub class: Option<String>,
    /// The nodes inside, nested ones too, by their positions in the view.
    pub members: Vec<usize>,
    /// How many equal blocks it stands for.
    pub times: u32,
    /// Of several blocks the name of the last.
    pub last: String,
    /// The group that is drawn for this one.
    pub drawn_as: Option<usize>,
    /// Whether it was found by what repeats, and not by names.
    pub found: bool,
    /// How it differs from the blocks beside it, which are otherwise equal.
    pub differs: Option<String>,
}

/// The groups of a view.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    /// The groups; the page first, a group before those inside it.
    pub groups: Vec<Group>,
    /// For each node of the view the innermost group around it.
    pub of: Vec<usize>,
    /// For each node of the view the node that is drawn for it: mostly itself.
    pub drawn_as: Vec<usize>,
    /// Whether equal blocks were looked for.
    pub(super) folded: bool,
}

/// Which groups are shown open; the page always is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Openness(pub(super) Vec<bool>);

impl Openness {
    /// Whether the content of a group is drawn, by its position in [`Groups::groups`].
    pub fn is_open(&self, group: usize) -> bool {
        self.0[group]
    }
}

impl Groups {
    /// How deep a group is: 0 for the page.
    pub(super) fn depth(&self, mut group: usize) -> usize {
        let mut depth = 0;
        while let Some(parent) = self.groups[group].parent {
            depth += 1;
            group = parent;
        }
        depth
    }

    /// How deep each group is, where all stand before those inside them.
    pub(super) fn depths(&self) -> Vec<usize> {
        let mut depths = Vec::with_capacity(self.groups.len());
        for group in &self.groups {
            depths.push(group.parent.map_or(0, |parent: usize| depths[parent] + 1));
        }
        depths
    }

    /// Puts groups before those inside them again, and in file order.
    pub(super) fn sort(&mut self) {
        let mut order: Vec<usize> = (0..self.groups.len()).collect();
        let depth: Vec<usize> = order.iter().map(|&g| self.depth(g)).collect();
        order.sort_by_key(|&g| (depth[g], self.groups[g].members.first().copied(), g));
        let mut number = vec![0; order.len()];
        order.iter().enumerate().for_each(|(new, &old)| number[old] = new);
        let mut sorted: Vec<Group> = order.iter().map(|&g| std::mem::take(&mut self.groups[g])).collect();
        for group in &mut sorted {
            group.parent = group.parent.map(|p| number[p]);
            group.drawn_as = group.drawn_as.map(|p| number[p]);
        }
        self.groups = sorted;
        self.of.iter_mut().for_each(|g| *g = number[*g]);
    }

    /// The item of `parent` that a node is in: a group inside it, or the node itself.
    pub(super) fn item_in(&self, parent: usize, node: usize) -> Item {
        let mut item = Item::Node(node);
        let mut at = self.of[node];
        while at != parent {
            item = Item::Group(at);
            match self.groups[at].parent {
                Some(around) => at = around,
                None => break,
            }
        }
        item
    }
}

/// What stands in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Item {
    Node(usize),
    Group(usize),
}

/// Takes groups away; what stands in them stands in the groups around them.
pub(super) fn dissolve(groups: &mut Groups, gone: &[bool]) {
    let mut number = vec![0; groups.groups.len()];
    let mut kept: Vec<Group> = Vec::new();
    for (i, mut group) in std::mem::take(&mut groups.groups).into_iter().enumerate() {
        // A parent stands before its children, so its number is known.
        let around = group.parent.map(|p| number[p]);
        if gone[i] {
            number[i] = around.unwrap_or(0);
        } else {
            number[i] = kept.len();
            group.parent = around;
            kept.push(group);
        }
    }
    for group in &mut kept {
        group.drawn_as = group.drawn_as.map(|g| number[g]);
    }
    groups.groups = kept;
    groups.of.iter_mut().for_each(|g| *g = number[*g]);
    count_members(groups);
}

/// Lists the nodes inside of each group anew.
pub(super) fn count_members(groups: &mut Groups) {
    groups.groups.iter_mut().for_each(|g| g.members.clear());
    for i in 0..groups.of.len() {
        let mut at = Some(groups.of[i]);
        while let Some(group) = at {
            groups.groups[group].members.push(i);
            at = groups.groups[group].parent;
        }
    }
}
