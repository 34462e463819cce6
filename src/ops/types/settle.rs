//! Weighs what a file declares of a value against what a rule derives.

use super::options::TypeOptions;
use crate::finding::Severity;
use crate::model::{DType, Expr, KnownFrom, Value, ValueType};
use crate::ops::facts::fact::{Fact, Size};

/// What is taken to be true of a value.
pub(super) struct Settled {
    /// What rules go on with.
    pub(super) fact: Fact,
    /// The type to report, and where it is known from.
    pub(super) ty: Option<ValueType>,
    pub(super) from: KnownFrom,
    /// The declaration and the rule contradict each other (`H202`): how much that matters, and
    /// the fact.
    pub(super) conflict: Option<(Severity, String)>,
}

/// Settles the type of a value: the file's where it is complete, a rule's where it says
/// more. Rules go on with their own results, so that one wrong declaration spoils no
/// other value.
pub(super) fn settle(value: &Value, rule: Fact, options: &TypeOptions, ignore: bool) -> Settled {
    let declared = value.ty.as_ref().filter(|_| !ignore).map(|ty| bound(Fact::of_type(ty), options));
    let Some(declared) = declared else {
        let ty = rule.value_type();
        let from = if ty.is_some() { KnownFrom::Rule } else { KnownFrom::Unknown };
        return Settled { fact: rule, ty, from, conflict: None };
    };
    let conflict = contradiction(&declared, &rule);
    if rule.value_type().is_none() {
        let ty = declared.value_type();
        return Settled { fact: declared, ty, from: KnownFrom::File, conflict: None };
    }
    if conflict.is_some() {
        let ty = declared.value_type();
        return Settled { fact: rule, ty, from: KnownFrom::File, conflict };
    }
    let both = merged(&rule, &declared);
    let (ty, from) = if declared.is_complete() && !says_more(&rule, &declared) {
        (declared.value_type(), KnownFrom::File)
    } else {
        (both.value_type(), KnownFrom::Rule)
    };
    Settled { fact: both, ty, from, conflict: None }
}

/// With the sizes that the options give to symbols.
fn bound(mut fact: Fact, options: &TypeOptions) -> Fact {
    if !options.dims.is_empty()
        && let Some(shape) = &mut fact.shape
    {
        for size in shape {
            let value = |name: &str| options.dims.get(name).cloned();
            *size = size.as_ref().and_then(|e| e.with(&value));
        }
    }
    fact
}

/// Whether the rule knows a number where the file has a symbol.
fn says_more(rule: &Fact, declared: &Fact) -> bool {
    let number = |s: &Size| s.as_ref().and_then(Expr::known).is_some();
    match (&rule.shape, &declared.shape) {
        (Some(r), Some(d)) => r.iter().zip(d).any(|(r, d)| number(r) && !number(d)),
        _ => false,
    }
}

/// Why both cannot be true. Runtimes warn of shapes, and refuse other element types.
fn contradiction(declared: &Fact, rule: &Fact) -> Option<(Severity, String)> {
    let none = DType::Undefined;
    if declared.container != rule.container && (declared.container.is_some() || rule.value_type().is_some()) {
        // Sequences and the like are compared as wholes by their items.
        return match (declared.item(), rule.item()) {
            (Some(d), Some(r)) => contradiction(d, r),
            _ => None,
        };
    }
    if declared.dtype != none && rule.dtype != none && declared.dtype != rule.dtype {
        let fact = format!("is declared as {}, and computed as {}", declared.dtype, rule.dtype);
        return Some((Severity::Error, fact));
    }
    let (Some(d), Some(r)) = (&declared.shape, &rule.shape) else { return None };
    let number = |s: &Size| s.as_ref().and_then(Expr::known);
    let differ = d.len() != r.len()
        || d.iter().zip(r).any(|(d, r)| matches!((number(d), number(r)), (Some(m), Some(n)) if m != n));
    let text = |fact: &Fact| fact.value_type().map_or(String::new(), |ty| ty.to_string());
    let fact = || format!("is declared as {}, and computed as {}", text(declared), text(rule));
    differ.then(|| (Severity::Warning, fact()))
}

/// What the rule knows, and of the rest what the file declares.
fn merged(rule: &Fact, declared: &Fact) -> Fact {
    if let (Some(r), Some(d)) = (rule.item(), declared.item()) {
        return if r.is_complete() {
            rule.clone()
        } else if d.is_complete() {
            declared.clone()
        } else {
            rule.clone()
        };
    }
    if rule.container.is_some() || declared.container.is_some() {
        return rule.clone();
    }
    let dtype = if rule.dtype == DType::Undefined { declared.dtype } else { rule.dtype };
    let shape = match (&rule.shape, &declared.shape) {
        (Some(r), Some(d)) if r.len() == d.len() => {
            let number = |s: &Size| s.as_ref().and_then(Expr::known).is_some();
            let pick = |(r, d): (&Size, &Size)| if r.is_none() || number(d) { d.clone() } else { r.clone() };
            Some(r.iter().zip(d).map(pick).collect())
        }
        (r, d) => r.clone().or_else(|| d.clone()),
    };
    Fact { dtype, shape, content: rule.content.clone(), container: None }
}
