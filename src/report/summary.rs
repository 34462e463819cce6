//! A model as a table of layers, in the manner of Keras's `model.summary()`.
//!
//! One row for each scope, nested, down to a depth; operators outside of scopes have
//! rows of their own. Neighbouring rows that say the same are one row with how often.

use std::collections::BTreeMap;

use crate::model::{Expr, Model, NodeKind, ScopeId, ScopeTree};
use crate::report::account::{Account, Accounts, accounts};

/// A table of layers.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The rows, from above to below.
    pub rows: Vec<SummaryRow>,
    /// All of the main graph.
    pub total: Account,
}

/// A layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryRow {
    /// How deep it is nested.
    pub depth: usize,
    /// Its name; of several the first and the last.
    pub name: String,
    /// Its class or operator.
    pub kind: String,
    /// The type of its last result: the shape.
    pub shape: String,
    /// Elements of weights; of each, where it stands for several.
    pub parameters: u64,
    /// MACs; of each.
    pub macs: Option<Expr>,
    /// How many layers it stands for.
    pub times: u64,
    /// Whether it is one operator, and no scope.
    pub is_operator: bool,
}

/// At most so many rows are aimed at where no depth is given.
const ROWS: usize = 60;
/// The deepest that scopes are followed.
const DEEPEST: usize = 64;

/// The layers of a model, nested down to `depth`; as deep as fits a page if none is
/// given.
pub fn summary(model: &Model, depth: Option<usize>) -> Summary {
    let accounts = accounts(model);
    let tree = Tree::new(&accounts);
    let rows = match depth {
        Some(depth) => tree.rows(depth.max(1)),
        None => {
            let mut best = tree.rows(1);
            for depth in 2..=tree.height.min(DEEPEST) {
                let rows = tree.rows(depth);
                if rows.len() > ROWS {
                    break;
                }
                best = rows;
            }
            best
        }
    };
    Summary { rows, total: accounts.total().clone() }
}

/// The scopes with what stands in them, in the order of the file.
struct Tree<'a> {
    accounts: &'a Accounts<'a>,
    children: BTreeMap<ScopeId, Vec<Child>>,
    height: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Child {
    Scope(ScopeId),
    /// A node, by its position in the view.
    Node(usize),
}

impl<'a> Tree<'a> {
    fn new(accounts: &'a Accounts<'a>) -> Self {
        let scopes = accounts.view.scopes.scopes();
        let mut children: BTreeMap<ScopeId, Vec<Child>> = BTreeMap::new();
        let mut placed = vec![false; scopes.len()];
        let mut height = 1;
        for (i, shown) in accounts.view.nodes.iter().enumerate() {
            if !matches!(accounts.view.graph.node(shown.node).kind, NodeKind::Op(_)) {
                continue;
            }
            children.entry(shown.scope).or_default().push(Child::Node(i));
            let (mut at, mut deep) = (shown.scope, 1);
            while at != ScopeId::ROOT {
                let parent = scopes[at.index()].parent;
                if !std::mem::replace(&mut placed[at.index()], true) {
                    let beside = children.entry(parent).or_default();
                    // Scopes stand where their first node does.
                    beside.push(Child::Scope(at));
                }
                deep += 1;
                at = parent;
            }
            height = height.max(deep);
        }
        Tree { accounts, children, height }
    }

    fn rows(&self, depth: usize) -> Vec<SummaryRow> {
        self.rows_of(ScopeId::ROOT, 0, depth.min(DEEPEST))
    }

    /// The rows of what stands in a scope. As deep as `left` says.
    fn rows_of(&self, scope: ScopeId, depth: usize, left: usize) -> Vec<SummaryRow> {
        let mut groups: Vec<Vec<SummaryRow>> = Vec::new();
        for &child in self.children.get(&scope).into_iter().flatten() {
            let group = match child {
                Child::Node(i) => vec![self.node_row(i, depth)],
                Child::Scope(inner) => {
                    let mut rows = vec![self.scope_row(inner, depth)];
                    let only_node =
                        matches!(self.children.get(&inner).map(Vec::as_slice), Some([Child::Node(_)]));
                    if left > 1 && !only_node {
                        rows.extend(self.rows_of(inner, depth + 1, left - 1));
                    }
                    rows
                }
            };
            match groups.last_mut() {
                Some(last) if alike(last, &group) => merge(last, &group),
                _ => groups.push(group),
            }
        }
        groups.concat()
    }

    fn node_row(&self, i: usize, depth: usize) -> SummaryRow {
        let shown = &self.accounts.view.nodes[i];
        let node = self.accounts.view.graph.node(shown.node);
        let kind = match &node.kind {
            NodeKind::Op(op) => op.op.clone(),
            _ => String::new(),
        };
        let name = if shown.short_name.is_empty() { kind.clone() } else { shown.short_name.clone() };
        let account = &self.accounts.nodes[i];
        SummaryRow {
            depth,
            name,
            kind,
            shape: self.shape_of(i),
            parameters: account.parameters,
            macs: account.cost.macs.clone(),
            times: 1,
            is_operator: true,
        }
    }

    fn scope_row(&self, scope: ScopeId, depth: usize) -> SummaryRow {
        let tree: &ScopeTree = &self.accounts.view.scopes;
        let facts = &tree.scopes()[scope.index()];
        let account = &self.accounts.scopes[scope.index()];
        let class = facts.class_name().map(str::to_owned);
        let last = self.last_node(scope);
        let kind = class.unwrap_or_else(|| match last {
            Some(i) if account.nodes == 1 => self.node_row(i, 0).kind,
            _ => String::new(),
        });
        SummaryRow {
            depth,
            name: facts.name.clone(),
            kind,
            shape: last.map_or(String::new(), |i| self.shape_of(i)),
            parameters: account.parameters,
            macs: account.cost.macs.clone(),
            times: 1,
            is_operator: false,
        }
    }

    /// The last node of a scope in the order of the file.
    fn last_node(&self, scope: ScopeId) -> Option<usize> {
        let mut at = scope;
        for _ in 0..DEEPEST {
            match self.children.get(&at)?.last()? {
                Child::Node(i) => return Some(*i),
                Child::Scope(inner) => at = *inner,
            }
        }
        None
    }

    fn shape_of(&self, i: usize) -> String {
        let graph = self.accounts.view.graph;
        let value = graph.node(self.accounts.view.nodes[i].node).outputs.iter().flatten().next();
        let ty = value.and_then(|&v| graph.value(v).ty.as_ref());
        match ty.and_then(|ty| ty.tensor()) {
            Some(tensor) => tensor.shape.as_ref().map_or("?".into(), ToString::to_string),
            None => ty.map_or("?".into(), ToString::to_string),
        }
    }
}

/// Whether two layers say the same but for their names.
fn alike(a: &[SummaryRow], b: &[SummaryRow]) -> bool {
    let same = |(i, (a, b)): (usize, (&SummaryRow, &SummaryRow))| {
        // Operators are numbered through in many files.
        let names = i == 0 || a.name == b.name || a.is_operator && b.is_operator;
        let times = i == 0 || a.times == b.times;
        let rest = (&a.kind, &a.shape, a.parameters, &a.macs, a.depth);
        names && times && rest == (&b.kind, &b.shape, b.parameters, &b.macs, b.depth)
    };
    a.len() == b.len() && a.iter().zip(b).enumerate().all(same)
}

/// One layer stands for both.
fn merge(a: &mut [SummaryRow], b: &[SummaryRow]) {
    let first = a[0].name.split(" … ").next().unwrap_or_default().to_owned();
    a[0].name = format!("{first} … {}", b[0].name);
    a[0].times += b[0].times;
}
