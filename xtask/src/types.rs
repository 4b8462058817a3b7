//! The Rust types of members, from one table.

use std::{cell::RefCell, collections::BTreeSet, path::Path};

use crate::{
    Failure,
    model::{Kind, Member, read},
};

/// The table. The most specific row wins: one of the member of an action or object, one of the
/// members of all requests or of all objects, and then one of every member with the name.
#[derive(Debug)]
pub(crate) struct Types {
    rows: Vec<Row>,
    used: RefCell<BTreeSet<usize>>,
}

#[derive(Debug)]
struct Row {
    /// `VpcId`, `request.VpcId`, or `CreateHaVip.VpcId`.
    member: String,
    wire: Kind,
    rust: String,
    number: usize,
}

/// The place of a member.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner<'a> {
    /// Name of the action or the object.
    pub(crate) name: &'a str,
    /// `request`, `response`, or `object`.
    pub(crate) role: &'a str,
}

impl Types {
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let mut rows = Vec::new();
        for (number, line) in (1..).zip(read(path)?.lines()) {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let row = line.split_once(": ").and_then(|(member, types)| {
                let (wire, rust) = types.split_once(" -> ")?;
                Some(Row {
                    member: member.to_owned(),
                    wire: Kind::parse(wire),
                    rust: rust.to_owned(),
                    number,
                })
            });
            let expected = "expected `Member: wire type -> Rust type`";
            rows.push(
                row.ok_or_else(|| Failure(format!("{}:{number}: {expected}", path.display())))?,
            );
        }
        Ok(Self { rows, used: RefCell::default() })
    }

    /// The type of a scalar, or of the items of a list of scalars, if the table has one.
    pub(crate) fn of(&self, owner: Owner<'_>, member: &Member) -> Option<&str> {
        let names = [
            format!("{}.{}", owner.name, member.name),
            format!("{}.{}", owner.role, member.name),
            member.name.clone(),
        ];
        let index = names.iter().find_map(|name| {
            self.rows.iter().position(|row| row.member == *name && row.wire == member.kind)
        })?;
        self.used.borrow_mut().insert(index);
        Some(&self.rows[index].rust)
    }

    /// The names of the types, and of those that wrap them.
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        let is_name = |it: char| it.is_alphanumeric();
        let names = self.rows.iter().flat_map(|row| row.rust.split(move |it| !is_name(it)));
        let names = names.filter(|it| !matches!(*it, "" | "Option" | "Vec" | "bool"));
        names.chain(["Blank", "Str"]).collect()
    }

    /// Fails if a row fits no member.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let used = self.used.borrow();
        match self.rows.iter().enumerate().find(|(index, _)| !used.contains(index)) {
            Some((_, row)) => {
                Err(Failure(format!("types.txt:{}: no member fits `{}`", row.number, row.member)))
            }
            None => Ok(()),
        }
    }
}
