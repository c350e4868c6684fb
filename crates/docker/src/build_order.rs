//! The order in which images are built: each after those that it needs.

/// Returns `roots` and the names that they need, each after the names that it needs itself.
///
/// # Errors
/// Returns the names of a cycle, the first one again at the end.
pub(crate) fn build_order<'n>(
    roots: &'n [String],
    needs: impl Fn(&str) -> &'n [String],
) -> Result<Vec<String>, Vec<String>> {
    let mut walk = Walk { needs, path: Vec::new(), order: Vec::new() };
    for root in roots {
        walk.visit(root)?;
    }
    Ok(walk.order)
}

/// A depth-first walk along the needs.
struct Walk<'n, F> {
    needs: F,
    /// The names between a root and the current name.
    path: Vec<&'n str>,
    order: Vec<String>,
}

impl<'n, F: Fn(&str) -> &'n [String]> Walk<'n, F> {
    fn visit(&mut self, name: &'n str) -> Result<(), Vec<String>> {
        if self.order.iter().any(|visited| visited == name) {
            return Ok(());
        }
        if let Some(start) = self.path.iter().position(|on_path| *on_path == name) {
            return Err(self.path[start..].iter().chain([&name]).map(|name| (*name).to_owned()).collect());
        }
        self.path.push(name);
        for needed in (self.needs)(name) {
            self.visit(needed)?;
        }
        self.path.pop();
        self.order.push(name.to_owned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn names(words: &str) -> Vec<String> {
        words.split_whitespace().map(str::to_owned).collect()
    }

    /// Orders names whose needs are written as `a: b c, b: c`.
    fn order(roots: &str, needs: &str) -> Result<Vec<String>, Vec<String>> {
        let entries = needs.split(", ").filter_map(|entry| entry.split_once(": "));
        let table: HashMap<&str, Vec<String>> = entries.map(|(name, needed)| (name, names(needed))).collect();
        build_order(&names(roots), |name| table.get(name).map_or(&[][..], Vec::as_slice))
    }

    #[test]
    fn each_name_comes_after_those_that_it_needs() {
        assert_eq!(order("app lib", "app: mid base, mid: base"), Ok(names("base mid app lib")));
        assert_eq!(order("b a b", ""), Ok(names("b a")));
    }

    #[test]
    fn a_cycle_is_named_without_the_names_that_lead_to_it() {
        assert_eq!(order("a", "a: b, b: c, c: d, d: b"), Err(names("b c d b")));
        assert_eq!(order("a", "a: a"), Err(names("a a")));
    }
}
