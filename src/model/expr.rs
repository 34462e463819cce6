//! Sizes as expressions: integers, symbols, and what shape rules make of them.
//!
//! An [`Expr`] is a polynomial with integer factors over *atoms*: symbols, and
//! quotients, maxima and minima that could not be worked out. It is kept in one
//! canonical form, so that two equal sizes mostly are equal values. All arithmetic is
//! checked: what overflows, or grows past a bound, is nothing.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A size that need not be a number, such as `12*batch`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Expr {
    /// Sorted by atoms; factors are not 0. Empty for 0.
    terms: Vec<Term>,
}

/// A factor, and the atoms that it is multiplied by, sorted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Term {
    atoms: Vec<Atom>,
    factor: i64,
}

/// What a polynomial is made of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Atom {
    Symbol(Arc<str>),
    /// The quotient, rounded down.
    Quotient(Arc<(Expr, Expr)>),
    Max(Arc<(Expr, Expr)>),
    Min(Arc<(Expr, Expr)>),
}

/// The most terms and atoms of an expression, those inside of atoms included.
const MOST: usize = 96;

impl From<i64> for Expr {
    fn from(n: i64) -> Self {
        Expr { terms: if n == 0 { Vec::new() } else { vec![Term { atoms: Vec::new(), factor: n }] } }
    }
}

impl Expr {
    /// A symbol.
    pub fn symbol(name: &str) -> Self {
        Expr { terms: vec![Term { atoms: vec![Atom::Symbol(name.into())], factor: 1 }] }
    }

    /// The number, if it is one.
    pub fn known(&self) -> Option<i64> {
        match self.terms.as_slice() {
            [] => Some(0),
            [Term { atoms, factor }] if atoms.is_empty() => Some(*factor),
            _ => None,
        }
    }

    /// The name, if it is a symbol and nothing else.
    pub fn as_symbol(&self) -> Option<&str> {
        match self.terms.as_slice() {
            [Term { atoms, factor: 1 }] => match atoms.as_slice() {
                [Atom::Symbol(name)] => Some(name),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether it is one product of symbols and a number, which is 0 only if one of them is.
    pub(crate) fn is_one_product(&self) -> bool {
        let symbol = |atom: &Atom| matches!(atom, Atom::Symbol(_));
        matches!(self.terms.as_slice(), [term] if term.atoms.iter().all(symbol))
    }

    fn from_terms(terms: impl IntoIterator<Item = (Vec<Atom>, i64)>) -> Option<Self> {
        let mut sums: BTreeMap<Vec<Atom>, i64> = BTreeMap::new();
        for (atoms, factor) in terms {
            let sum = sums.entry(atoms).or_insert(0);
            *sum = sum.checked_add(factor)?;
        }
        let terms: Vec<Term> = sums
            .into_iter()
            .filter(|(_, factor)| *factor != 0)
            .map(|(atoms, factor)| Term { atoms, factor })
            .collect();
        let expr = Expr { terms };
        (expr.size() <= MOST).then_some(expr)
    }

    /// The sum.
    pub fn plus(&self, other: &Expr) -> Option<Expr> {
        if let (Some(a), Some(b)) = (self.known(), other.known()) {
            return a.checked_add(b).map(Expr::from);
        }
        let terms = self.terms.iter().chain(&other.terms);
        Expr::from_terms(terms.map(|t| (t.atoms.clone(), t.factor)))
    }

    /// The difference.
    pub fn minus(&self, other: &Expr) -> Option<Expr> {
        self.plus(&other.times(&Expr::from(-1))?)
    }

    /// The product.
    pub fn times(&self, other: &Expr) -> Option<Expr> {
        if let (Some(a), Some(b)) = (self.known(), other.known()) {
            return a.checked_mul(b).map(Expr::from);
        }
        let mut terms = Vec::new();
        for a in &self.terms {
            for b in &other.terms {
                let mut atoms: Vec<Atom> = a.atoms.iter().chain(&b.atoms).cloned().collect();
                atoms.sort();
                terms.push((atoms, a.factor.checked_mul(b.factor)?));
            }
        }
        Expr::from_terms(terms)
    }

    /// The quotient, if the division leaves no rest whatever the symbols are.
    pub fn exact_quotient(&self, other: &Expr) -> Option<Expr> {
        if self == other && other.known() != Some(0) {
            return Some(Expr::from(1));
        }
        let [by] = other.terms.as_slice() else {
            // Not a single term: a multiple of it by a number is all that is tried.
            let (a, b) = (self.terms.first()?, other.terms.first()?);
            let n = a.factor.checked_div(b.factor)?;
            return (other.times(&Expr::from(n))? == *self).then(|| Expr::from(n));
        };
        let mut terms = Vec::new();
        for term in &self.terms {
            if term.factor.checked_rem(by.factor)? != 0 {
                return None;
            }
            let mut atoms = term.atoms.clone();
            for atom in &by.atoms {
                let at = atoms.iter().position(|a| a == atom)?;
                atoms.remove(at);
            }
            terms.push((atoms, term.factor / by.factor));
        }
        Expr::from_terms(terms)
    }

    /// The quotient, rounded down.
    pub fn quotient(&self, other: &Expr) -> Option<Expr> {
        if let (Some(a), Some(b)) = (self.known(), other.known()) {
            let quotient = a.checked_div(b)?;
            return Some(Expr::from(if a % b != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient }));
        }
        if other.known() == Some(0) {
            return None;
        }
        if let Some(exact) = self.exact_quotient(other) {
            return Some(exact);
        }
        // What divides evenly comes out: (2h - 1) / 2 is h + (-1) / 2.
        if let Some(by) = other.known().filter(|&n| n > 0) {
            let (whole, rest): (Vec<&Term>, Vec<&Term>) = self.terms.iter().partition(|t| t.factor % by == 0);
            let whole = Expr::from_terms(whole.iter().map(|t| (t.atoms.clone(), t.factor / by)))?;
            let rest = Expr::from_terms(rest.iter().map(|t| (t.atoms.clone(), t.factor)))?;
            let rest = match rest.known() {
                Some(n) => Expr::from(n.div_euclid(by)),
                None => Expr::atom(Atom::Quotient(Arc::new((rest, other.clone()))))?,
            };
            return whole.plus(&rest);
        }
        Expr::atom(Atom::Quotient(Arc::new((self.clone(), other.clone()))))
    }

    /// The quotient, rounded up.
    pub fn quotient_up(&self, other: &Expr) -> Option<Expr> {
        self.plus(other)?.plus(&Expr::from(-1))?.quotient(other)
    }

    /// The larger one.
    pub fn larger(&self, other: &Expr) -> Option<Expr> {
        match self.minus(other)?.known() {
            Some(n) => Some(if n >= 0 { self.clone() } else { other.clone() }),
            None => {
                let (a, b) = if self <= other { (self, other) } else { (other, self) };
                Expr::atom(Atom::Max(Arc::new((a.clone(), b.clone()))))
            }
        }
    }

    /// The smaller one.
    pub fn smaller(&self, other: &Expr) -> Option<Expr> {
        match self.minus(other)?.known() {
            Some(n) => Some(if n <= 0 { self.clone() } else { other.clone() }),
            None => {
                let (a, b) = if self <= other { (self, other) } else { (other, self) };
                Expr::atom(Atom::Min(Arc::new((a.clone(), b.clone()))))
            }
        }
    }

    fn atom(atom: Atom) -> Option<Expr> {
        let expr = Expr { terms: vec![Term { atoms: vec![atom], factor: 1 }] };
        (expr.size() <= MOST).then_some(expr)
    }

    /// The number of terms and atoms, which bounds how deep they are nested.
    fn size(&self) -> usize {
        let atoms = self.terms.iter().flat_map(|t| &t.atoms).map(|atom| match atom {
            Atom::Symbol(_) => 1,
            Atom::Quotient(pair) | Atom::Max(pair) | Atom::Min(pair) => 1 + pair.0.size() + pair.1.size(),
        });
        self.terms.len() + atoms.sum::<usize>()
    }

    /// With symbols replaced where `value` has something for them.
    pub fn with(&self, value: &dyn Fn(&str) -> Option<Expr>) -> Option<Expr> {
        let mut sum = Expr::from(0);
        for term in &self.terms {
            let mut product = Expr::from(term.factor);
            for atom in &term.atoms {
                let atom = match atom {
                    Atom::Symbol(name) => value(name).unwrap_or_else(|| Expr::symbol(name)),
                    Atom::Quotient(pair) => pair.0.with(value)?.quotient(&pair.1.with(value)?)?,
                    Atom::Max(pair) => pair.0.with(value)?.larger(&pair.1.with(value)?)?,
                    Atom::Min(pair) => pair.0.with(value)?.smaller(&pair.1.with(value)?)?,
                };
                product = product.times(&atom)?;
            }
            sum = sum.plus(&product)?;
        }
        Some(sum)
    }
}

/// `12*batch`, `seq + 1`, `(h + 1)/2`; quotients are rounded down.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.terms.is_empty() {
            return f.write_str("0");
        }
        // Numbers stand last.
        let (numbers, others): (Vec<&Term>, Vec<&Term>) = self.terms.iter().partition(|t| t.atoms.is_empty());
        for (i, term) in others.into_iter().chain(numbers).enumerate() {
            let size = term.factor.unsigned_abs();
            match (i, term.factor < 0) {
                (0, true) => f.write_str("-")?,
                (0, false) => {}
                (_, true) => f.write_str(" - ")?,
                (_, false) => f.write_str(" + ")?,
            }
            if size != 1 || term.atoms.is_empty() {
                write!(f, "{size}")?;
            }
            for (j, atom) in term.atoms.iter().enumerate() {
                if j > 0 || size != 1 {
                    f.write_str("*")?;
                }
                atom.fmt(f)?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |e: &Expr| match e.terms.as_slice() {
            [t] if t.atoms.is_empty() || t.factor == 1 && t.atoms.len() == 1 => e.to_string(),
            _ => format!("({e})"),
        };
        match self {
            Atom::Symbol(name) => f.write_str(name),
            Atom::Quotient(pair) => write!(f, "({}/{})", part(&pair.0), part(&pair.1)),
            Atom::Max(pair) => write!(f, "max({}, {})", pair.0, pair.1),
            Atom::Min(pair) => write!(f, "min({}, {})", pair.0, pair.1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(n: i64) -> Expr {
        Expr::from(n)
    }

    #[test]
    fn equal_sizes_are_equal_values() {
        let (b, s) = (Expr::symbol("batch"), Expr::symbol("seq"));
        let a = b.times(&n(12)).unwrap().plus(&s).unwrap();
        let c = s.plus(&n(12).times(&b).unwrap()).unwrap();
        assert_eq!(a, c);
        assert_eq!(a.to_string(), "12*batch + seq");
        assert_eq!(a.minus(&c).unwrap().known(), Some(0));
        assert_eq!(b.times(&s).unwrap().exact_quotient(&s).unwrap(), b);
        assert_eq!(b.times(&n(90944)).unwrap().exact_quotient(&n(90944)).unwrap(), b);
        assert_eq!(b.exact_quotient(&n(2)), None);
    }

    #[test]
    fn quotients_are_rounded_down_and_simplified() {
        assert_eq!(n(-7).quotient(&n(2)).unwrap(), n(-4));
        assert_eq!(n(7).quotient_up(&n(2)).unwrap(), n(4));
        let h = Expr::symbol("h");
        let odd = h.times(&n(2)).unwrap().plus(&n(-1)).unwrap();
        assert_eq!(odd.quotient(&n(2)).unwrap().to_string(), "h - 1");
        let half = h.plus(&n(1)).unwrap().quotient(&n(2)).unwrap();
        assert_eq!(half.to_string(), "((h + 1)/2)");
        assert_eq!(half.with(&|_| Some(n(224))).unwrap(), n(112));
        assert_eq!(n(1).quotient(&n(0)), None);
    }

    #[test]
    fn what_grows_past_the_bound_is_nothing() {
        assert_eq!(n(i64::MAX).plus(&n(1)), None);
        let mut e = Expr::symbol("a");
        let mut deepest = 0;
        for i in 0..100 {
            let Some(next) = e.plus(&n(1)).and_then(|e| e.quotient(&n(3 + i))) else { break };
            e = next;
            deepest = i;
        }
        assert!(deepest < 40, "nested {deepest} deep");
        let many = (0..200).try_fold(n(0), |sum, i| sum.plus(&Expr::symbol(&format!("s{i}"))));
        assert_eq!(many, None);
    }
}
