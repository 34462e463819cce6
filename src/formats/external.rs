//! The content of tensors, also where it lies in another file.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::onnx;
use super::whole::folder_of;
use crate::error::{Error, ErrorKind, Result, printable};
use crate::model::{Model, Tensor, TensorData, external_path};

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
        None => Ok(Content::Here(onnx::decode(tensor, &model.source)?)),
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
        read.map_err(|error| self.fail(ErrorKind::Io, error.to_string()))
    }
}

fn failure(model: &Model, tensor: &Tensor, kind: ErrorKind, fact: String) -> Error {
    Error::new(kind, fact)
        .at(crate::error::Place::default().at_value(&tensor.name))
        .in_file(&model.source.name)
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
    file.seek(SeekFrom::Start(*at)).map_err(|error| fail(ErrorKind::Io, error.to_string()))?;
    Ok(Some(External { file, len: expected, path, tensor, model }))
}

/// Opens a regular file inside a folder, through no link; with its size.
pub(super) fn open_inside(folder: &Path, location: &str) -> Result<(File, u64)> {
    let relative = external_path(location)?;
    let mut path = PathBuf::from(folder);
    let mut facts = None;
    for part in relative.components() {
        path.push(part);
        let fail = |error: std::io::Error| {
            Error::new(ErrorKind::Io, error.to_string()).in_file(&path.display().to_string())
        };
        let there = std::fs::symlink_metadata(&path).map_err(fail)?;
        if there.is_symlink() {
            let error = Error::new(ErrorKind::Unsafe, "external data must not be behind a symbolic link");
            return Err(error.in_file(&path.display().to_string()));
        }
        facts = Some(there);
    }
    let shown = path.display().to_string();
    #[cfg_attr(not(unix), allow(unused_variables))]
    let Some(facts) = facts.filter(std::fs::Metadata::is_file) else {
        return Err(Error::new(ErrorKind::Unsafe, "external data must be a regular file").in_file(&shown));
    };
    let file = File::open(&path).map_err(|e| Error::new(ErrorKind::Io, e.to_string()).in_file(&shown))?;
    let opened = file.metadata().map_err(|e| Error::new(ErrorKind::Io, e.to_string()).in_file(&shown))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if (opened.dev(), opened.ino()) != (facts.dev(), facts.ino()) {
            let error = Error::new(ErrorKind::Unsafe, "the file changed while it was opened");
            return Err(error.in_file(&shown));
        }
        // As onnx's checker: another name of a file may be one that is no business of ours.
        if opened.nlink() > 1 {
            let error = Error::new(ErrorKind::Unsafe, "external data must not be a hard link");
            return Err(error.hint("copy the file").in_file(&shown));
        }
    }
    Ok((file, opened.len()))
}
