//! `Det`: determinants of square matrices.

use crate::eval::elements::{count, dispatch, of, view};
use crate::eval::wide::Float;
use crate::eval::{Call, Engine, Failure, Value};

/// More steps than all eliminations together may take.
const MOST_STEPS: u128 = 1 << 36;

/// `Det`: by elimination in 64 bits with the largest pivots.
pub(super) fn det(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let x = call.array(0)?;
    let [outer @ .., rows, columns] = &x.dims[..] else {
        return Failure::invalid(format!("an input of {} axes is no matrix", x.dims.len()));
    };
    if rows != columns {
        return Failure::invalid(format!("a matrix of {rows} rows and {columns} columns"));
    }
    let (batch, size) = (count(outer)?, count(&[*rows])?);
    if batch as u128 * (size as u128).pow(3) > MOST_STEPS {
        return Err(Failure::TooLarge(format!("determinants of {size} rows")));
    }
    dispatch!(x.dtype, floats, T => {
        let elements = view::<T>(x)?;
        if elements.iter().any(|x| !x.wide().is_finite()) {
            return Failure::unsupported("the determinant of a matrix with an infinity differs between runtimes");
        }
        let matrix = |number: usize| {
            let own = &elements[number * size * size..(number + 1) * size * size];
            T::narrow(eliminate(own.iter().map(|x| x.wide()).collect(), size))
        };
        Ok(vec![of(outer.to_vec(), (0..batch).map(matrix).collect()).into()])
    })
}

fn eliminate(mut m: Vec<f64>, size: usize) -> f64 {
    let mut product = 1.0;
    for step in 0..size {
        let largest =
            (step..size).max_by(|&a, &b| m[a * size + step].abs().total_cmp(&m[b * size + step].abs()));
        let pivot = largest.unwrap_or(step);
        if m[pivot * size + step] == 0.0 {
            return 0.0;
        }
        if pivot != step {
            (0..size).for_each(|column| m.swap(pivot * size + column, step * size + column));
            product = -product;
        }
        product *= m[step * size + step];
        for row in step + 1..size {
            let factor = m[row * size + step] / m[step * size + step];
            for column in step..size {
                m[row * size + column] -= factor * m[step * size + column];
            }
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_determinant_of_nothing_is_one() {
        assert_eq!(eliminate(Vec::new(), 0), 1.0);
    }

    #[test]
    fn an_exchange_of_rows_turns_the_sign() {
        assert_eq!(eliminate(vec![0.0, 1.0, 1.0, 0.0], 2), -1.0);
    }
}
