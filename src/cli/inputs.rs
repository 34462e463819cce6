//! `--input`: files, or numbers from a seed.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::files::arrays::arrays;
use crate::formats::array;
use crate::infer::inputs::{InputSet, InputSource, inputs};
use crate::model::Model;
use crate::text::printable;

/// What the user gave.
#[derive(Default)]
pub(super) struct Inputs {
    pub(super) given: BTreeMap<String, InputSource>,
    /// What stands in files of several arrays, by name.
    all: BTreeMap<String, InputSource>,
}

/// `NAME=FILE.npy`, `NAME=FILE.pb`, `NAME=random[:SEED]`, `NAME=zeros`, `FILE.npz`.
pub(super) fn parse_inputs(list: &[String]) -> Result<Inputs> {
    let mut found = Inputs::default();
    for text in list {
        // A name may hold `=`; a file's name seldom does.
        let Some((name, what)) = text.rsplit_once('=').filter(|(name, _)| !name.is_empty()) else {
            let path = Path::new(text);
            if path.extension().is_some_and(|e| e == "npz") {
                found.all.extend(arrays(path)?.into_iter().map(|(n, a)| (n, InputSource::Array(a))));
                continue;
            }
            let error =
                Error::new(ErrorKind::Usage, format!("`{}` is not of the form NAME=VALUE", printable(text)));
            return Err(error.hint("NAME=FILE.npy, NAME=random, NAME=random:7, NAME=zeros, or FILE.npz"));
        };
        let seed = what.strip_prefix("random:").map(str::parse::<u64>);
        let given = match (what, seed) {
            ("random", _) => InputSource::Random(None),
            ("zeros", _) => InputSource::Zeros,
            (_, Some(Ok(seed))) => InputSource::Random(Some(seed)),
            (_, Some(Err(_))) => {
                let error = Error::new(ErrorKind::Usage, format!("`{}` has no valid seed", printable(text)));
                return Err(error.hint("NAME=random:7"));
            }
            (file, None) if file.ends_with(".npz") => {
                let mut all = arrays(Path::new(file))?;
                let missing =
                    || Error::new(ErrorKind::Usage, format!("no array in it is named `{}`", printable(name)));
                InputSource::Array(all.remove(name).ok_or_else(|| missing().in_file(file))?)
            }
            (file, None) => InputSource::Array(array(Path::new(file))?),
        };
        found.given.insert(name.to_owned(), given);
    }
    Ok(found)
}

impl Inputs {
    /// What was given of this model's inputs.
    pub(super) fn for_model(&self, model: &Model) -> BTreeMap<String, InputSource> {
        let mut given = self.given.clone();
        let names = model.graph.inputs.iter().map(|&id| &model.graph.node(id).name);
        for name in names {
            if let Some(array) = self.all.get(name).filter(|_| !given.contains_key(name)) {
                given.insert(name.clone(), array.clone());
            }
        }
        given
    }

    /// The inputs of one run.
    pub(super) fn set(
        &self,
        model: &Model,
        dims: &BTreeMap<String, i64>,
        batch: i64,
        seed: u64,
    ) -> Result<InputSet> {
        let given = self.for_model(model);
        inputs(model, &given, dims, batch, seed)
    }
}
