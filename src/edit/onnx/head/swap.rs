//! Another head that replaces the one that is there.

use super::activate::set_activation;
use super::candidates::{Candidate, counted_classes};
use super::change::Change;
use super::find::{Found, Kind};
use super::layers::Features;
use super::options::HeadOptions;
use super::place::{Layer, anew, in_place};
use super::tables::of_old_classes;
use super::tail::{reshape, unquantize};
use super::weights::{Matrix, Supply, float_type, old_bias, old_rows};
use crate::edit::draft::{Builder, Draft, Place};
use crate::error::{Error, ErrorKind, Result};
use crate::text::counted;

/// The change that replaces a head.
pub(super) fn swap<'m>(
    mut draft: Draft<'m>,
    mut found: Found<'m>,
    candidate: &Candidate,
    options: &HeadOptions,
) -> Result<Change<'m>> {
    check(candidate, options)?;
    let kept = if options.keep { Some(Kept::of(&draft, &found)?) } else { None };
    let named = of_old_classes(&draft, &found, options.classes)?;
    reshape(&mut draft, &found, options.classes)?;
    let mut supply = Supply::of(options, float_type(&found.weight));
    let features = features_before(&mut draft, &found, options, &mut supply)?;
    let width = features.width;
    let layer = new_layer(&found, features, options, &mut supply, kept.as_ref())?;
    if found.stays {
        in_place(&mut draft, &found, &layer);
    } else {
        anew(&mut draft, &mut found, &layer);
    }
    let unquantized = unquantize(&mut draft, &mut found);
    let mut account = vec![format!("head: {candidate}")];
    let keeps = match &kept {
        Some(_) if found.weight.scale.is_some() => {
            format!("; the first {} are the old ones, as numbers", found.classes)
        }
        Some(_) => format!("; the first {} are the old ones, bit for bit", found.classes),
        None => String::new(),
    };
    let new = counted_classes(options.classes);
    account.push(format!("new: {new} of {width} features, {}{keeps}", supply.origin()));
    if !options.hidden.is_empty() {
        let units: Vec<String> = options.hidden.iter().map(|h| h.units.to_string()).collect();
        account.push(format!("hidden: layers of {} units", units.join(", ")));
    }
    if unquantized > 0 || !found.stays || found.weight.scale.is_some() {
        account.push(format!(
            "the new head is not quantized ({} of the old result went)",
            counted(unquantized, "step")
        ));
    }
    account.extend(named);
    let mut change = Change { draft, output: found.output, account, after: None };
    set_activation(&mut change, &found, options)?;
    Ok(change)
}

/// Whether the options fit a head that is there.
fn check(candidate: &Candidate, options: &HeadOptions) -> Result<()> {
    if options.pool.is_some() {
        let error = Error::new(
            ErrorKind::Usage,
            format!("`pool` is for a new head on features; here is one already: {candidate}"),
        );
        return Err(error.hint("leave `pool` out, or give the value to pool as `at`"));
    }
    if options.keep && options.classes < candidate.classes {
        let error = Error::new(
            ErrorKind::Usage,
            format!(
                "`keep` keeps {}, and {} are asked for",
                counted_classes(candidate.classes),
                options.classes
            ),
        );
        return Err(error.hint("leave `keep` out to make fewer"));
    }
    Ok(())
}

/// The weights of the old head.
struct Kept {
    rows: Matrix,
    bias: Option<Matrix>,
}

impl Kept {
    fn of(draft: &Draft, found: &Found) -> Result<Self> {
        Ok(Kept { rows: old_rows(draft.model, found)?, bias: old_bias(draft.model, found)? })
    }
}

/// Puts the new layers before the last one, and returns what that then takes.
fn features_before(
    draft: &mut Draft,
    found: &Found,
    options: &HeadOptions,
    supply: &mut Supply,
) -> Result<Features> {
    let dtype = float_type(&found.weight);
    let mut builder = Builder { draft, place: Place::Before(found.step), dtype };
    let mut name = found.features.clone();
    if let Some(quantized) = &found.quantized {
        let inputs = [Some(name), Some(quantized.scale.clone()), quantized.zero.clone()];
        let inputs = inputs.into_iter().flatten().collect();
        name = builder.add("DequantizeLinear", "head/features", inputs, &[]);
    }
    builder.in_front(found.kind, Features { name, width: found.width }, options, supply)
}

/// The layer of the new classes, with the old weights where they are kept.
fn new_layer(
    found: &Found,
    features: Features,
    options: &HeadOptions,
    supply: &mut Supply,
    kept: Option<&Kept>,
) -> Result<Layer> {
    let kernel_dims: Vec<i64> = match found.kind {
        Kind::Conv => found.weight.tensor.dims[2..].to_vec(),
        _ => Vec::new(),
    };
    let full = features.width * kernel_dims.iter().product::<i64>();
    let (mut weight, given) = supply.layer("head", (options.classes, full), 0)?;
    let zeros = || Matrix::zeros(options.classes as usize, 1, float_type(&found.weight));
    let mut bias = given.or_else(|| found.bias.as_ref().map(|_| zeros()));
    if let Some(kept) = kept {
        weight.keep(&kept.rows);
        if let (Some(bias), Some(old)) = (&mut bias, &kept.bias) {
            bias.keep(old);
        }
    }
    Ok(Layer { features: features.name, weight, bias, kernel_dims })
}
