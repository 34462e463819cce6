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
/// If the content is not there, is not as long as the type and the dimensions say, or lies
/// where it is not safe to read: outside the model's folder, behind a link, in no regular
/// file.
pub fn content(model: &Model, tensor: &Tensor) -> Result<Bytes> {
    let TensorData::External { path, at, len } = &tensor.data else {
        return onnx::decode(tensor, &model.source);
    };
    let fail = |kind: ErrorKind, fact: String| {
        Error::new(kind, fact)
            .at(crate::error::Place::default().at_value(&tensor.name))
            .in_file(&model.source.name)
    };
    if path.starts_with("<stripped ") {
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
    let read = || -> std::io::Result<Vec<u8>> {
        file.seek(SeekFrom::Start(*at))?;
        let mut bytes = Vec::new();
        file.take(expected).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|error| fail(ErrorKind::Io, error.to_string()))?;
    if bytes.len() as u64 != expected {
        return Err(fail(ErrorKind::Io, format!("`{}` ended while it was read", printable(path))));
    }
    Ok(Bytes::from(bytes))
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
