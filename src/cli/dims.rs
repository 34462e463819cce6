//! `--dim` and `--input-shape`: what the user says of sizes.

use std::collections::{BTreeMap, BTreeSet};

use super::args::TypeArgs;
use super::files::open;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Dim, Expr, Model};
use crate::ops::{TypeOptions, derive_types};
use crate::text::{meant, printable};

/// Opens a model and derives the types of its values.
pub(super) fn open_typed(path: &std::path::Path, args: &TypeArgs) -> Result<Model> {
    let options = options(args)?;
    let mut model = open(path)?;
    let names = |graph: &crate::model::Graph| -> Vec<String> {
        graph.inputs.iter().map(|&id| graph.node(id).name.clone()).collect()
    };
    if let Some(name) = options.inputs.keys().find(|name| !names(&model.graph).contains(name)) {
        let error = Error::new(ErrorKind::Usage, format!("--input-shape: the model has no input `{name}`"));
        return Err(error.hint(format!("its inputs are {}", names(&model.graph).join(", "))));
    }
    derive_types(&mut model, &options);
    if args.infer == super::args::Switch::Auto {
        #[cfg(feature = "infer")]
        crate::infer::fill_types(&mut model);
    }
    Ok(model)
}

fn options(args: &TypeArgs) -> Result<TypeOptions> {
    let mut options = TypeOptions { ignore_declared: args.ignore_declared, ..TypeOptions::default() };
    options.dims = sizes(&args.dim)?;
    for text in &args.input_shape {
        // A name may hold `=`, a shape never does.
        let (name, shape) = text.rsplit_once('=').ok_or_else(|| {
            Error::new(
                ErrorKind::Usage,
                format!("--input-shape takes NAME=1,3,224,224, and this is `{text}`"),
            )
        })?;
        let sizes = shape.split(',').filter(|s| !s.trim().is_empty());
        let sizes = sizes.map(|size| size_of(size, text).map(Some)).collect::<Result<_>>()?;
        options.inputs.insert(name.to_owned(), sizes);
    }
    Ok(options)
}

/// `NAME=SIZE` of each symbol.
fn sizes(list: &[String]) -> Result<BTreeMap<String, Expr>> {
    let mut dims = BTreeMap::new();
    for text in list {
        let (name, size) = text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or_else(|| {
            Error::new(ErrorKind::Usage, format!("--dim takes NAME=SIZE, and this is `{text}`"))
        })?;
        dims.insert(name.to_owned(), size_of(size, text)?);
    }
    Ok(dims)
}

/// The same for a run of a model: a symbol would not do, nor one that no input has.
#[cfg_attr(not(feature = "infer"), allow(dead_code))]
pub(super) fn numbers_for(model: &Model, list: &[String]) -> Result<BTreeMap<String, i64>> {
    let dims = numbers(list)?;
    let graph = &model.graph;
    let shapes = graph.inputs.iter().filter_map(|&id| graph.type_of(id)?.tensor()?.shape.as_ref());
    let symbols = shapes.flat_map(|shape| &shape.0).filter_map(|dim| match dim {
        Dim::Named(name) => Some(name.as_str()),
        _ => None,
    });
    let symbols: Vec<&str> = symbols.collect::<BTreeSet<_>>().into_iter().collect();
    match dims.keys().find(|name| !symbols.contains(&name.as_str())) {
        Some(name) => {
            let fact = format!("--dim: no input has a dimension that is called `{}`", printable(name));
            Err(Error::new(ErrorKind::Usage, fact).hint(meant(name, &symbols)))
        }
        None => Ok(dims),
    }
}

#[cfg_attr(not(feature = "infer"), allow(dead_code))]
fn numbers(list: &[String]) -> Result<BTreeMap<String, i64>> {
    let known = |(name, size): (String, Expr)| match size.known() {
        Some(n) => Ok((name, n)),
        None => {
            let fact = format!("`{name}={size}`: a run needs a number, and this is a symbol");
            Err(Error::new(ErrorKind::Usage, fact).hint(format!("--dim {name}=1")))
        }
    };
    sizes(list)?.into_iter().map(known).collect()
}

/// A number, or a symbol.
fn size_of(text: &str, whole: &str) -> Result<Expr> {
    let text = text.trim();
    let wrong = || {
        let error = Error::new(ErrorKind::Usage, format!("`{text}` in `{whole}` is not a valid size"));
        error.hint("a size is a number, or a name such as batch")
    };
    if let Ok(n) = text.parse::<i64>() {
        return if n >= 0 { Ok(Expr::from(n)) } else { Err(wrong()) };
    }
    let is_name = text.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || "_.:-".contains(c));
    if is_name { Ok(Expr::symbol(text)) } else { Err(wrong()) }
}
