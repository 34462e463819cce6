//! The inputs and the attribute defaults of one operator in one version.

use crate::model::AttributeValue;

/// Input slots and attribute defaults of an operator, from its version `since` on.
#[derive(Debug)]
pub struct Signature {
    /// The domain.
    pub domain: &'static str,
    /// The operator.
    pub op: &'static str,
    /// The first version of the domain for which this holds.
    pub since: i64,
    /// Names of the input slots, separated by spaces; a `*` marks one that repeats.
    inputs: &'static str,
    /// `name=value` for each attribute with a default, separated by spaces.
    defaults: &'static str,
}

/// A [`Signature`], short enough for a table.
pub(super) const fn s(
    domain: &'static str,
    op: &'static str,
    since: i64,
    inputs: &'static str,
    defaults: &'static str,
) -> Signature {
    Signature { domain, op, since, inputs, defaults }
}

impl Signature {
    /// The name of the input slot `n`; nothing for one of several that share a name.
    pub fn input_name(&self, n: u32) -> Option<&'static str> {
        let name = self.inputs.split(' ').nth(n as usize)?;
        (!name.is_empty() && !name.ends_with('*')).then_some(name)
    }

    /// Whether leaving the attribute `name` out would mean the same as `value`.
    pub fn is_default(&self, name: &str, value: &AttributeValue) -> bool {
        let text = self.defaults.split(' ').find_map(|d| d.strip_prefix(name)?.strip_prefix('='));
        match text {
            Some(text) => equals(value, text),
            // The schemas give these defaults in prose only.
            None => match (name, value) {
                ("strides" | "dilations" | "dilation_rate", AttributeValue::Ints(v)) => {
                    v.iter().all(|&n| n == 1)
                }
                // How weights began says nothing of what they are.
                (name, _) if name.ends_with("_initializer") => true,
                ("pads" | "output_padding", AttributeValue::Ints(v)) => v.iter().all(|&n| n == 0),
                (_, AttributeValue::String(text)) => text.as_str().is_empty(),
                _ => false,
            },
        }
    }
}

/// Whether `value` is what `text` says.
fn equals(value: &AttributeValue, text: &str) -> bool {
    let items = || text.trim_start_matches('[').trim_end_matches(']').split(',');
    match value {
        AttributeValue::Int(n) => text.parse() == Ok(*n),
        AttributeValue::Float(x) => text.parse() == Ok(*x),
        AttributeValue::String(s) => s.as_str() == text,
        AttributeValue::Ints(v) => items().map(str::parse).eq(v.iter().map(|&n| Ok(n))),
        AttributeValue::Strings(v) => items().eq(v.iter().map(|s| s.as_str())),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: Signature = s("", "Sample", 1, "X shape rest*", "alpha=1e-05 mode=none axes=[0,2]");

    #[test]
    fn slots_have_names_unless_they_repeat() {
        assert_eq!(SAMPLE.input_name(1), Some("shape"));
        assert_eq!(SAMPLE.input_name(2), None);
        assert_eq!(SAMPLE.input_name(9), None);
        assert_eq!(s("", "None", 1, "", "").input_name(0), None);
    }

    #[test]
    fn an_attribute_with_its_default_value_says_nothing() {
        assert!(SAMPLE.is_default("alpha", &AttributeValue::Float(1e-5)));
        assert!(SAMPLE.is_default("mode", &AttributeValue::String("none".into())));
        assert!(SAMPLE.is_default("axes", &AttributeValue::Ints(vec![0, 2])));
        assert!(SAMPLE.is_default("strides", &AttributeValue::Ints(vec![1, 1])));
        assert!(!SAMPLE.is_default("alpha", &AttributeValue::Float(2e-5)));
        assert!(!SAMPLE.is_default("pads", &AttributeValue::Ints(vec![0, 1])));
        assert!(!SAMPLE.is_default("beta", &AttributeValue::Int(0)));
    }
}
