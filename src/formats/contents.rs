//! The content of tensors, also where it lies in another file.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use bytes::Bytes;

use super::format::format_of;
use crate::error::{Error, ErrorKind, Place, Result};
use crate::files::{folder_of, open_inside};
use crate::model::{Model, Source, Tensor, TensorData, external_path};
use crate::text::printable;

/// The content of a tensor, laid out as in [`TensorData::In`]: from the model file, or from
/// the file with weights beside it.
///
/// # Errors
/// Those of [`opened`], and if it cannot be read.
pub fn content(model: &Model, tensor: &Tensor) -> Result<Bytes> {
    match opened(model, tensor)? {
        Content::Here(bytes) => Ok(bytes),
        Content::There(mut there) => {
            let mut bytes = Vec::new();
            let read = (&mut there.file).take(there.len).read_to_end(&mut bytes);
            if there.whole(read)? as u64 != there.len {
                return Err(there.ended());
            }
            Ok(Bytes::from(bytes))
        }
    }
}

/// Finds the content of a tensor, to be read once into its place.
///
/// # Errors
/// If the content is not there, is not as long as the type and the dimensions say, or lies
/// where it is not safe to read: outside the model's folder, behind a link, in no regular
/// file.
pub fn opened<'m>(model: &'m Model, tensor: &'m Tensor) -> Result<Content<'m>> {
    match external(model, tensor)? {
        Some(there) => Ok(Content::There(there)),
        None => {
            let decode = format_of(model).and_then(|format| format.decode);
            Ok(Content::Here(inside(tensor, &model.source, decode)?))
        }
    }
}

/// How a format decodes a tensor from the bytes of its record; nothing if they do not fit the
/// element type.
pub(super) type Decode = fn(&Tensor, Bytes) -> Option<Bytes>;

/// The content of a tensor that is in the file, laid out as in [`TensorData::In`].
///
/// # Errors
/// If the content is elsewhere, or its length contradicts the dimensions.
pub(super) fn inside(tensor: &Tensor, source: &Source, decode: Option<Decode>) -> Result<Bytes> {
    let fail = |fact: &str| {
        let place = Place::offset(tensor.span.start).at_value(&tensor.name).in_file(&source.name);
        Err(Error::new(ErrorKind::Undecodable, fact).at(place))
    };
    let bytes = match &tensor.data {
        TensorData::In(_) | TensorData::Owned(_) => tensor.bytes(source),
        TensorData::Encoded(span) => {
            decode.zip(source.slice(*span)).and_then(|(decode, bytes)| decode(tensor, bytes))
        }
        _ => return fail("the content is not in this file"),
    };
    match bytes {
        Some(bytes) if Some(bytes.len() as u64) == tensor.byte_len() => Ok(bytes),
        Some(_) => fail("the content's length contradicts the dimensions"),
        None => fail("the content's encoding does not fit its type"),
    }
}

/// Where the content of a tensor is.
pub enum Content<'m> {
    /// In the model's file.
    Here(Bytes),
    /// In another one.
    There(External<'m>),
}

impl Content<'_> {
    /// Copies it into its place.
    ///
    /// # Errors
    /// If the place has another length, or it cannot be read.
    pub fn fill(self, place: &mut [u8]) -> Result<()> {
        let len = match &self {
            Content::Here(bytes) => bytes.len() as u64,
            Content::There(there) => there.len,
        };
        if len != place.len() as u64 {
            return Err(Error::new(ErrorKind::Undecodable, "a content is not as long as its shape says"));
        }
        match self {
            Content::Here(bytes) => place.copy_from_slice(&bytes),
            Content::There(mut there) => match there.file.read_exact(place) {
                Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Err(there.ended()),
                read => there.whole(read)?,
            },
        }
        Ok(())
    }
}

/// Content in another file, which stands at its begin.
pub struct External<'m> {
    file: File,
    len: u64,
    path: &'m str,
    tensor: &'m Tensor,
    model: &'m Model,
}

impl External<'_> {
    fn fail(&self, kind: ErrorKind, fact: String) -> Error {
        failure(self.model, self.tensor, kind, fact)
    }

    fn ended(&self) -> Error {
        self.fail(ErrorKind::Io, format!("`{}` ended while it was read", printable(self.path)))
    }

    /// What was read, with its place if that failed.
    fn whole<T>(&self, read: std::io::Result<T>) -> Result<T> {
        read.map_err(|error| self.fail(ErrorKind::Io, error.to_string()).from_source(error))
    }
}

fn failure(model: &Model, tensor: &Tensor, kind: ErrorKind, fact: String) -> Error {
    Error::new(kind, fact).at(Place::default().at_value(&tensor.name)).in_file(&model.source.name)
}

/// Opens the file with a tensor's content; nothing if that is in the model's own file.
fn external<'m>(model: &'m Model, tensor: &'m Tensor) -> Result<Option<External<'m>>> {
    let TensorData::External { path, at, len } = &tensor.data else { return Ok(None) };
    let fail = |kind: ErrorKind, fact: String| failure(model, tensor, kind, fact);
    if tensor.is_stripped() {
        let error = fail(ErrorKind::Usage, "the weights were stripped".into());
        return Err(error.hint("put them back first: `modelgram strip --restore ORIGINAL`"));
    }
    let expected = tensor
        .byte_len()
        .filter(|&expected| len.is_none_or(|len| len == expected))
        .ok_or_else(|| fail(ErrorKind::Undecodable, "the length contradicts the dimensions".into()))?;
    let folder = folder_of(Path::new(&model.source.name));
    // However the two are written.
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let own = real(Path::new(&model.source.name));
    if own.is_some() && own == real(&folder.join(external_path(path)?)) {
        return Err(fail(ErrorKind::Unsafe, "the model itself cannot be its external data".into()));
    }
    let (mut file, size) = open_inside(folder, path)?;
    if at.checked_add(expected).is_none_or(|end| end > size) {
        let fact = format!("`{}` has {size} bytes, and the tensor would be at {at}", printable(path));
        return Err(fail(ErrorKind::Undecodable, fact));
    }
    let found = file.seek(SeekFrom::Start(*at));
    found.map_err(|error| fail(ErrorKind::Io, error.to_string()).from_source(error))?;
    Ok(Some(External { file, len: expected, path, tensor, model }))
}
