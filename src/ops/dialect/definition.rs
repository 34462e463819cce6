//! What a node of an operator has to keep to: attributes, slots, and the types that fit them.
//!
//! In: an operator as a file spells it. Out: in what it breaks its definition, in words that say
//! what is wrong and not what follows from it. The rules report that; whoever derives types asks
//! before it tells of operands that do not fit, since a missing attribute makes all of them unfit.

use crate::model::{AttributeValue, Op, ValueType};
use crate::text::{counted, nearest};

/// The definition of an operator, from its version `since` on.
#[derive(Debug)]
pub(crate) struct Definition {
    /// The domain.
    pub(crate) domain: &'static str,
    /// The operator.
    pub(crate) op: &'static str,
    /// The first version of the domain for which this holds.
    pub(crate) since: i64,
    /// `name:T` for each operand, separated by spaces. `T` is a name of `types`, or a type. A
    /// `?` marks one that may be left out; the last may repeat: `+` with one type for all, `~`
    /// with any, `*` also not at all. `-` where the operator is deprecated.
    inputs: &'static str,
    /// The same for results.
    outputs: &'static str,
    /// `name:sort` for each attribute, `!` where it has to be given.
    attributes: &'static str,
    /// `T:n` for each name of a type: what it may be is set number `n` of the dialect.
    types: &'static str,
}

/// A [`Definition`], short enough for a table.
pub(super) const fn d(
    domain: &'static str,
    op: &'static str,
    since: i64,
    inputs: &'static str,
    outputs: &'static str,
    attributes: &'static str,
    types: &'static str,
) -> Definition {
    Definition { domain, op, since, inputs, outputs, attributes, types }
}

/// What a dialect knows of an operator in one version of its domain.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Defined {
    /// Nothing: the domain is not one that it defines, or the version is none that it knows.
    Foreign,
    /// The domain has no such operator; the name is that of one that was perhaps meant.
    Nowhere(Option<&'static str>),
    /// The operator came later, with this version.
    Later(i64),
    /// The operator is deprecated since this version.
    Deprecated(i64),
    /// This is its definition.
    As(&'static Definition),
}

/// A slot of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Formal {
    name: &'static str,
    /// A name of a type, or a type.
    ty: &'static str,
    /// `?`, `+`, `~` or `*`; a space for one that is always there.
    mark: char,
}

/// An element type as one operand has it.
pub(crate) struct Operand<'a> {
    /// The slot.
    pub(crate) slot: usize,
    /// The type, which may be known in part.
    pub(crate) ty: &'a ValueType,
}

impl Definition {
    /// Whether the operator is there no more.
    pub(super) fn is_deprecated(&self) -> bool {
        self.inputs == "-"
    }

    /// What is wrong with the attributes of a node.
    pub(crate) fn attribute_faults(&self, op: &Op) -> Vec<String> {
        let mut faults = Vec::new();
        let expected = |name: &str| {
            let own = self.attributes.split(' ').filter_map(|word| word.split_once(':'));
            own.map(|(own, sort)| (own, sort.trim_end_matches('!'))).find(|(own, _)| *own == name)
        };
        for (i, attribute) in op.attributes.iter().enumerate() {
            let name = attribute.name.as_str();
            if op.attributes[..i].iter().any(|before| before.name == name) {
                faults.push(format!("the attribute `{name}` stands twice"));
                continue;
            }
            let found = sort(&attribute.value);
            match expected(name) {
                // Names like this are for private use.
                None if name.starts_with("__") => {}
                None => {
                    let known = self.attributes.split(' ').filter_map(|word| Some(word.split_once(':')?.0));
                    let meant = nearest(name, known).map_or(String::new(), |n| format!("; perhaps `{n}`"));
                    faults.push(format!("`{}` has no attribute `{name}`{meant}", self.op));
                }
                Some((_, wanted)) if found.is_some_and(|found| found != wanted) => {
                    let (wanted, found) = (in_words(wanted), in_words(found.unwrap_or_default()));
                    faults.push(format!("the attribute `{name}` has to be {wanted}, and is {found}"));
                }
                Some(_) => {}
            }
        }
        for word in self.attributes.split(' ').filter_map(|word| word.strip_suffix('!')) {
            let name = word.split(':').next().unwrap_or_default();
            if op.attribute(name).is_none() {
                faults.push(format!("the attribute `{name}` is missing, and `{}` needs it", self.op));
            }
        }
        faults
    }

    /// What is wrong with the number of a node's operands and results. `given` and `made` say of
    /// each slot whether it has a name.
    pub(crate) fn slot_faults(&self, given: &[bool], made: &[bool]) -> Vec<String> {
        let mut faults = Vec::new();
        for (formals, there, what) in [(self.inputs, given, "operand"), (self.outputs, made, "result")] {
            let (least, most) = arity(formals);
            let n = there.len();
            if n < least || most.is_some_and(|most| n > most) {
                let wanted = match most {
                    Some(most) if most == least => counted(least, what),
                    Some(most) => format!("{least} to {}", counted(most, what)),
                    None => format!("at least {}", counted(least, what)),
                };
                faults.push(format!("`{}` has {wanted}, and this one {n}", self.op));
                continue;
            }
            for (i, formal) in slots(formals).enumerate() {
                if formal.mark == ' ' && there.get(i) == Some(&false) {
                    let (name, number) = (formal.name, i + 1);
                    faults.push(format!("{what} {number} (`{name}`) is left out, and has to be there"));
                }
            }
        }
        faults
    }

    /// What is wrong with the types of a node's operands; `sets` are those of the dialect.
    pub(crate) fn type_faults(&self, operands: &[Operand<'_>], sets: &[&str]) -> Vec<String> {
        let mut faults = Vec::new();
        // What each name of a type was first bound to, and by which operand.
        let mut bound: Vec<(&str, String, &str)> = Vec::new();
        for operand in operands {
            let Some(formal) = nth(self.inputs, operand.slot) else { continue };
            let Some(own) = code(operand.ty) else { continue };
            let (name, ty) = (formal.name, formal.ty);
            let set = match self.types.split(' ').filter_map(|word| word.split_once(':')).find(|t| t.0 == ty)
            {
                Some((_, number)) => number.parse().ok().and_then(|n: usize| sets.get(n)).copied(),
                None => Some(ty),
            };
            let Some(set) = set else { continue };
            if !set.split(' ').any(|allowed| allowed == own) {
                let wanted = if set.split(' ').nth(4).is_none() {
                    format!("it takes {}", set.replace(' ', ", "))
                } else {
                    format!("in version {} it does not take that", self.since)
                };
                faults.push(format!("`{name}` of `{}` is {own}; {wanted}", self.op));
                continue;
            }
            if matches!(formal.mark, '~' | '*') {
                continue;
            }
            match bound.iter().find(|(known, ..)| *known == ty) {
                Some((_, first, whose)) if *first != own => {
                    let op = self.op;
                    faults.push(format!(
                        "`{whose}` of `{op}` is {first} and `{name}` is {own}; both have to be of one type"
                    ));
                }
                Some(_) => {}
                None => bound.push((ty, own, name)),
            }
        }
        faults
    }
}

fn slots(formals: &'static str) -> impl Iterator<Item = Formal> {
    formals.split(' ').filter_map(|word| {
        let (name, ty) = word.split_once(':')?;
        let mark = ty.chars().next_back().filter(|c| "?+~*".contains(*c)).unwrap_or(' ');
        Some(Formal { name, ty: ty.trim_end_matches(['?', '+', '~', '*']), mark })
    })
}

/// The slot number `n`; the last one again where it repeats.
fn nth(formals: &'static str, n: usize) -> Option<Formal> {
    let last = || slots(formals).last().filter(|f| matches!(f.mark, '+' | '~' | '*'));
    slots(formals).nth(n).or_else(last)
}

/// The least and the most slots that a node may have.
fn arity(formals: &'static str) -> (usize, Option<usize>) {
    let (mut least, mut most) = (0, Some(0));
    for (i, formal) in slots(formals).enumerate() {
        match formal.mark {
            '?' => most = Some(i + 1),
            ' ' => (least, most) = (i + 1, Some(i + 1)),
            '*' => (least, most) = (i, None),
            _ => (least, most) = (i + 1, None),
        }
    }
    (least, most)
}

/// The sort of an attribute's value; nothing where it is not known.
fn sort(value: &AttributeValue) -> Option<&'static str> {
    Some(match value {
        AttributeValue::Int(_) => "i",
        AttributeValue::Float(_) => "f",
        AttributeValue::String(_) => "s",
        AttributeValue::Tensor(_) => "t",
        AttributeValue::Graph(_) => "g",
        AttributeValue::Type(_) => "y",
        AttributeValue::Ints(_) => "is",
        AttributeValue::Floats(_) => "fs",
        AttributeValue::Strings(_) => "ss",
        AttributeValue::Tensors(_) => "ts",
        AttributeValue::Graphs(_) => "gs",
        AttributeValue::Types(_) => "ys",
        AttributeValue::Reference(_) | AttributeValue::Other(_) | AttributeValue::Absent => return None,
    })
}

/// A sort of attributes for people.
fn in_words(sort: &str) -> &'static str {
    match sort {
        "i" => "an integer",
        "f" => "a float",
        "s" => "a string",
        "t" => "a tensor",
        "g" => "a graph",
        "y" => "a type",
        "is" => "a list of integers",
        "fs" => "a list of floats",
        "ss" => "a list of strings",
        "ts" => "a list of tensors",
        "gs" => "a list of graphs",
        _ => "a list of types",
    }
}

/// A type as definitions spell it; nothing where its elements are not known.
fn code(ty: &ValueType) -> Option<String> {
    Some(match ty {
        ValueType::Tensor(ty) | ValueType::SparseTensor(ty) => {
            let name = ty.dtype.name();
            (!matches!(name, "?" | "other")).then(|| name.to_owned())?
        }
        ValueType::Sequence(item) => format!("seq({})", code(item)?),
        ValueType::Optional(item) => format!("optional({})", code(item)?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Attribute, DType, Span, TensorType};

    const SETS: &[&str] = &["f16 f32 f64", "i64"];
    const JOIN: Definition = d("", "Join", 7, "X:T at:i64 rest:T+", "Y:T Z:T?", "axis:i! mode:s", "T:0");

    fn op(attributes: &[(&str, AttributeValue)]) -> Op {
        let one = |(name, value): &(&str, AttributeValue)| Attribute {
            name: (*name).to_owned(),
            value: value.clone(),
            span: Span::default(),
        };
        Op { attributes: attributes.iter().map(one).collect(), ..Op::default() }
    }

    fn tensor(dtype: DType) -> ValueType {
        ValueType::Tensor(TensorType { dtype, shape: None })
    }

    fn types(types: &[DType]) -> Vec<String> {
        let types: Vec<ValueType> = types.iter().map(|&ty| tensor(ty)).collect();
        let operands: Vec<Operand> =
            types.iter().enumerate().map(|(slot, ty)| Operand { slot, ty }).collect();
        JOIN.type_faults(&operands, SETS)
    }

    #[test]
    fn attributes_are_named_as_they_are_wrong() {
        let int = || AttributeValue::Int(1);
        assert!(JOIN.attribute_faults(&op(&[("axis", int()), ("__own", int())])).is_empty());
        assert_eq!(
            JOIN.attribute_faults(&op(&[("axes", int())])),
            [
                "`Join` has no attribute `axes`; perhaps `axis`",
                "the attribute `axis` is missing, and `Join` needs it"
            ]
        );
        assert_eq!(
            JOIN.attribute_faults(&op(&[("axis", AttributeValue::Floats(vec![])), ("axis", int())])),
            [
                "the attribute `axis` has to be an integer, and is a list of floats",
                "the attribute `axis` stands twice"
            ]
        );
        let outer = AttributeValue::Reference("axis".into());
        assert!(JOIN.attribute_faults(&op(&[("axis", outer)])).is_empty());
    }

    #[test]
    fn slots_are_counted_and_those_that_must_be_there_are() {
        assert!(JOIN.slot_faults(&[true; 5], &[true]).is_empty());
        assert_eq!(
            JOIN.slot_faults(&[true; 2], &[true; 3]),
            ["`Join` has at least 3 operands, and this one 2", "`Join` has 1 to 2 results, and this one 3"]
        );
        assert_eq!(
            JOIN.slot_faults(&[true, false, true], &[true, false]),
            ["operand 2 (`at`) is left out, and has to be there"]
        );
        assert_eq!(arity("M:I? cond:B? v:V*"), (2, None));
    }

    #[test]
    fn types_are_of_their_set_and_those_of_one_name_are_equal() {
        assert!(types(&[DType::F32, DType::I64, DType::F32, DType::F32]).is_empty());
        assert!(types(&[DType::Undefined, DType::Undefined, DType::F16]).is_empty());
        assert_eq!(types(&[DType::I8]), ["`X` of `Join` is i8; it takes f16, f32, f64"]);
        assert_eq!(types(&[DType::F32, DType::I32]), ["`at` of `Join` is i32; it takes i64"]);
        assert_eq!(
            types(&[DType::F32, DType::I64, DType::F32, DType::F16]),
            ["`X` of `Join` is f32 and `rest` is f16; both have to be of one type"]
        );
    }
}
