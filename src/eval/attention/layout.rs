//! Moving the rows of queries, keys and values.

use crate::eval::Failure;
use crate::eval::elements::{count, room, width};
use crate::files::arrays::Array;

/// Batch, length, heads × size to batch, heads, length, size.
pub(super) fn split(array: &Array, heads: i64) -> Result<Array, Failure> {
    let &[batch, length, all] = array.dims.as_slice() else {
        return Failure::invalid(format!("{} axes, not 3", array.dims.len()));
    };
    if heads < 1 || all % heads != 0 {
        return Failure::invalid(format!("{all} features in {heads} heads"));
    }
    let size = all / heads;
    let content = moved(array, [batch, length, heads, size])?;
    Ok(Array { dtype: array.dtype, dims: vec![batch, heads, length, size], content: content.into() })
}

/// Batch, heads, length, size to batch, length, heads × size.
pub(super) fn joined(array: &Array) -> Result<Array, Failure> {
    let &[batch, heads, length, size] = array.dims.as_slice() else {
        return Failure::invalid(format!("{} axes, not 4", array.dims.len()));
    };
    let content = moved(array, [batch, heads, length, size])?;
    let dims = vec![batch, length, heads.saturating_mul(size)];
    Ok(Array { dtype: array.dtype, dims, content: content.into() })
}

/// The content of an array of these dimensions, the middle two of which change places.
fn moved(array: &Array, dims: [i64; 4]) -> Result<Vec<u8>, Failure> {
    let total = count(&dims)?.saturating_mul(width(array.dtype)?);
    if total != array.content.len() {
        return Failure::invalid("a content is not as long as its shape says");
    }
    let mut content = room(total)?;
    if total == 0 {
        return Ok(content);
    }
    let [batch, first, second, _] = dims.map(|n| n as usize);
    let row = total / (batch * first * second);
    for b in 0..batch {
        for j in 0..second {
            for i in 0..first {
                let at = ((b * first + i) * second + j) * row;
                content.extend_from_slice(&array.content[at..at + row]);
            }
        }
    }
    Ok(content)
}

/// Two arrays of 4 axes, one after the other along the third.
pub(super) fn followed(past: &Array, new: &Array) -> Result<Array, Failure> {
    let (&[batch, heads, before, size], &[b, h, after, s]) = (past.dims.as_slice(), new.dims.as_slice())
    else {
        return Failure::invalid("a past that has not 4 axes");
    };
    if (batch, heads, size) != (b, h, s) || past.dtype != new.dtype {
        return Failure::invalid("a past that is not like its present");
    }
    let width = width(new.dtype)?;
    let dims = vec![batch, heads, before.saturating_add(after), size];
    let total = count(&dims)?.saturating_mul(width);
    if Some(total) != past.content.len().checked_add(new.content.len()) {
        return Failure::invalid("a content is not as long as its shape says");
    }
    let mut content: Vec<u8> = room(total)?;
    if total > 0 {
        let rows = batch as usize * heads as usize;
        let (old, added) = (past.content.len() / rows, new.content.len() / rows);
        for row in 0..rows {
            content.extend_from_slice(&past.content[row * old..(row + 1) * old]);
            content.extend_from_slice(&new.content[row * added..(row + 1) * added]);
        }
    }
    Ok(Array { dtype: new.dtype, dims, content: content.into() })
}
