//! The groups and datasets of an HDF5 file, with limits: no links out of it, no loops.

use std::collections::{BTreeMap, HashSet};

use bytes::Bytes;
use hdf5_reader::group::Group;
use hdf5_reader::messages::HdfMessage;
use hdf5_reader::messages::layout::DataLayout;
use hdf5_reader::{ByteOrder, Dataset, Datatype, Hdf5File, OpenOptions};

use crate::error::{Error, ErrorKind, Result};
use crate::model::{DType, Span, Tensor, TensorData};

/// Groups and datasets in one file, at most.
const MOST_OBJECTS: usize = 200_000;
/// Groups inside groups, at most.
const DEPTH: usize = 64;
/// Bytes that one read may give, and one header may have.
const MOST_READ: usize = 32 << 20;

/// A file with its tree.
pub(super) struct File {
    groups: BTreeMap<String, Entry>,
    /// The stored weights by path.
    pub(super) datasets: BTreeMap<String, Tensor>,
}

/// A group: its attributes that are texts or lists of texts, and the names inside it.
#[derive(Debug, Default)]
struct Entry {
    texts: BTreeMap<String, Vec<String>>,
    children: Vec<String>,
}

impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "File({} groups, {} datasets)", self.groups.len(), self.datasets.len())
    }
}

impl File {
    /// Opens a file; `offset` is where it stands in the source, if it does.
    ///
    /// # Errors
    /// If it is damaged.
    pub(super) fn open(bytes: Bytes, offset: Option<u64>) -> Result<Self> {
        let len = bytes.len() as u64;
        let options = OpenOptions::default()
            .with_max_read_bytes(MOST_READ)
            .with_max_chunk_bytes(MOST_READ)
            .with_max_object_header_bytes(MOST_READ)
            .with_chunk_cache_bytes(0);
        let file = Hdf5File::from_owner(bytes, options).map_err(damaged)?;
        let mut read = Reading { file: &file, offset, len, seen: HashSet::new(), objects: 0 };
        let mut tree = File { groups: BTreeMap::new(), datasets: BTreeMap::new() };
        let root = file.root_group().map_err(damaged)?;
        read.group(&root, "", 0, &mut tree)?;
        Ok(tree)
    }

    /// A text among the attributes of a group.
    pub(super) fn attribute(&self, group: &str, name: &str) -> Option<String> {
        self.texts(group, name)?.first().cloned()
    }

    /// A list of texts among the attributes of a group.
    pub(super) fn texts(&self, group: &str, name: &str) -> Option<&[String]> {
        self.groups.get(group)?.texts.get(name).map(Vec::as_slice)
    }

    pub(super) fn has_group(&self, path: &str) -> bool {
        self.groups.contains_key(path)
    }

    /// The paths of the groups in a group, in natural order of their names.
    pub(super) fn groups_in(&self, path: &str) -> Vec<String> {
        let children = self.groups.get(path).map(|entry| entry.children.as_slice()).unwrap_or_default();
        let mut paths: Vec<String> = children.iter().map(|name| joined(path, name)).collect();
        paths.retain(|path| self.groups.contains_key(path));
        paths.sort_by_key(|path| natural(path));
        paths
    }

    /// All datasets below a group, in natural order of their paths.
    pub(super) fn below(&self, path: &str) -> Vec<(&str, &Tensor)> {
        let begin = format!("{path}/");
        let found = self.datasets.range(begin.clone()..).take_while(|(name, _)| name.starts_with(&begin));
        let mut found: Vec<(&str, &Tensor)> = found.map(|(name, tensor)| (name.as_str(), tensor)).collect();
        found.sort_by_key(|(name, _)| natural(name));
        found
    }
}

/// Parts with numbers in the order of the numbers.
fn natural(path: &str) -> Vec<(String, u64)> {
    let part = |part: &str| {
        let digits = part.len() - part.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let (text, number) = part.split_at(part.len() - digits.min(18));
        (text.trim_end_matches('_').to_owned(), number.parse().unwrap_or(0))
    };
    path.split('/').map(part).collect()
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
}

fn damaged(error: hdf5_reader::error::Error) -> Error {
    Error::new(ErrorKind::Undecodable, format!("the HDF5 file is damaged: {error}"))
        .hint("the file may be cut off")
        .from_source(error)
}

struct Reading<'a> {
    file: &'a Hdf5File,
    offset: Option<u64>,
    len: u64,
    seen: HashSet<u64>,
    objects: usize,
}

impl Reading<'_> {
    fn group(&mut self, group: &Group, path: &str, depth: usize, tree: &mut File) -> Result<()> {
        // A group that stands in two places, or in itself, is read once.
        if depth > DEPTH || !self.seen.insert(group.address()) {
            return Ok(());
        }
        self.count(1)?;
        let (groups, datasets) = group.members().map_err(damaged)?;
        let mut entry = Entry::default();
        for attribute in group.attributes().map_err(damaged)? {
            if let Ok(texts) = attribute.read_strings() {
                entry.texts.insert(attribute.name.clone(), texts);
            } else if let Ok(text) = attribute.read_string() {
                entry.texts.insert(attribute.name.clone(), vec![text]);
            }
        }
        self.count(datasets.len())?;
        for dataset in &datasets {
            if !dataset.name().contains('/')
                && let Some(tensor) = self.tensor(dataset)
            {
                tree.datasets.insert(joined(path, dataset.name()), tensor);
            }
        }
        entry.children =
            groups.iter().map(|g| g.name().to_owned()).filter(|name| !name.contains('/')).collect();
        tree.groups.insert(path.to_owned(), entry);
        for inner in groups.iter().filter(|g| !g.name().contains('/')) {
            self.group(inner, &joined(path, inner.name()), depth + 1, tree)?;
        }
        Ok(())
    }

    fn count(&mut self, more: usize) -> Result<()> {
        self.objects += more;
        if self.objects > MOST_OBJECTS {
            let message = format!("the HDF5 file has more than {MOST_OBJECTS} groups and datasets");
            return Err(Error::new(ErrorKind::Unsafe, message));
        }
        Ok(())
    }

    /// The type of a dataset, and where its content is.
    fn tensor(&self, dataset: &Dataset) -> Option<Tensor> {
        let (dtype, little) = dtype(dataset.dtype())?;
        let dims: Vec<i64> = dataset.shape().iter().map(|&n| i64::try_from(n).ok()).collect::<Option<_>>()?;
        let mut tensor =
            Tensor { name: String::new(), dtype, dims, data: TensorData::Absent, span: Span::default() };
        let header = self.file.get_or_parse_header(dataset.address()).ok()?;
        let layout = header.messages.iter().find_map(|message| match message {
            HdfMessage::DataLayout(layout) => Some(&layout.layout),
            _ => None,
        });
        let filtered = header.messages.iter().any(|message| matches!(message, HdfMessage::FilterPipeline(_)));
        if let (Some(DataLayout::Contiguous { address, size }), true, false) = (layout, little, filtered)
            && let Some(offset) = self.offset
            && tensor.byte_len() == Some(*size)
            && address.checked_add(*size).is_some_and(|end| end <= self.len)
        {
            let span = Span { start: offset + address, len: *size };
            (tensor.data, tensor.span) = (TensorData::In(span), span);
        }
        Some(tensor)
    }
}

/// The element type, and whether its bytes stand in our order.
fn dtype(ty: &Datatype) -> Option<(DType, bool)> {
    let little = |order: &ByteOrder| matches!(order, ByteOrder::LittleEndian);
    Some(match ty {
        Datatype::FloatingPoint { size: 4, byte_order } => (DType::F32, little(byte_order)),
        Datatype::FloatingPoint { size: 8, byte_order } => (DType::F64, little(byte_order)),
        Datatype::FloatingPoint { size: 2, byte_order } => (DType::F16, little(byte_order)),
        Datatype::FixedPoint { size, signed, byte_order } => {
            let dtype = match (size, signed) {
                (1, true) => DType::I8,
                (1, false) => DType::U8,
                (2, true) => DType::I16,
                (2, false) => DType::U16,
                (4, true) => DType::I32,
                (4, false) => DType::U32,
                (8, true) => DType::I64,
                (8, false) => DType::U64,
                _ => return None,
            };
            (dtype, little(byte_order))
        }
        // Keras writes bfloat16 as two bytes of its own.
        Datatype::Opaque { size: 2, .. } => (DType::BF16, true),
        Datatype::Enum { .. } => (DType::Bool, false),
        _ => return None,
    })
}
