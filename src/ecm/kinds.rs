//! The kinds of resources: one list, and everything derived from it.

use uuid::Uuid;

use super::{Store, error::SubjectCodes, ids::Id, model::Remaining, store::AnyId, table::Table};

/// Passes the list of kinds to a macro.
///
/// Fixtures load in this order: a resource follows the resources that contain it or that it links
/// to. An entry begins with the name of the kind's table and the type of the resource.
macro_rules! for_each_kind {
    ($callback:ident) => {
        $callback! {
            vpcs: $crate::ecm::families::vpc::Vpc {
                id: $crate::ecm::ids::VpcId, set: "VpcSet", id_field: "VpcId", noun: "VPC", is_creatable: true,
            }
            subnets: $crate::ecm::families::subnet::Subnet {
                id: $crate::ecm::ids::SubnetId, set: "SubnetSet", id_field: "SubnetId", noun: "subnet",
                is_creatable: true,
            }
            instances: $crate::ecm::families::instance::Instance {
                id: $crate::ecm::ids::InstanceId, set: "InstanceSet", id_field: "InstanceId", noun: "instance",
                is_creatable: false,
            }
            network_interfaces: $crate::ecm::families::network_interface::NetworkInterface {
                id: $crate::ecm::ids::NetworkInterfaceId, set: "NetworkInterfaceSet",
                id_field: "NetworkInterfaceId", noun: "network interface", is_creatable: true,
            }
            ha_vips: $crate::ecm::families::ha_vip::HaVip {
                id: $crate::ecm::ids::HaVipId, set: "HaVipSet", id_field: "HaVipId", noun: "HAVIP",
                is_creatable: true,
            }
            addresses: $crate::ecm::families::address::Address {
                id: $crate::ecm::ids::AddressId, set: "AddressSet", id_field: "AddressId", noun: "EIP",
                is_creatable: true,
            }
        }
    };
}
pub(crate) use for_each_kind;

/// A resource that has a table in the store.
pub trait Resource: Clone + 'static {
    type Id: ResourceId<Resource = Self>;
    /// Facts about the kind.
    const KIND: &'static ResourceKind;

    /// Returns the table of the kind.
    fn table(tables: &Tables) -> &Table<Self::Id, Self>;

    /// Returns the table of the kind, mutably.
    fn table_mut(tables: &mut Tables) -> &mut Table<Self::Id, Self>;
}

/// An ID that determines the kind of its resource.
pub trait ResourceId: Id {
    type Resource: Resource<Id = Self>;
}

/// Facts about a kind of resources, for code that handles all kinds alike.
#[derive(Debug)]
pub struct ResourceKind {
    /// Noun in a sentence, such as `VPC`.
    pub noun: &'static str,
    /// Name of the set in Describe responses and fixtures, such as `VpcSet`.
    pub set: &'static str,
    /// Name of the ID field in an object of the set, such as `VpcId`.
    pub id_field: &'static str,
    /// Prefix of the IDs, such as `vpc-`.
    pub id_prefix: &'static str,
    /// Whether calls can create resources of the kind. If not, only fixtures can.
    pub is_creatable: bool,
    /// Codes of the errors about a resource of the kind.
    pub codes: SubjectCodes,
    /// Returns the number of resources.
    pub len: fn(&Store) -> usize,
    /// Returns the position of the resource with an ID in creation order.
    pub index: fn(&Store, &str) -> Option<usize>,
    /// Returns the resources that calls have created, with the calls' request IDs, in creation order.
    /// Scans the table.
    pub created_by_calls: fn(&Store) -> Vec<(AnyId, Uuid)>,
    /// Sets the call that created the resource with an ID, if it exists.
    pub set_creator: fn(&mut Store, &str, Uuid),
    /// Copies facts about resources from the second store; see [`Store::keep_history`].
    pub keep_history: fn(&mut Store, &Store),
    /// Returns the resources that Describe calls do not show yet.
    pub hidden: fn(&Store) -> Vec<(AnyId, Remaining)>,
    /// Hides the resource with an ID from Describe calls, if it exists.
    pub hide: fn(&mut Store, &str, Remaining),
    /// Shows a resource to Describe calls.
    pub show: fn(&mut Store, AnyId),
    /// Returns the broken invariants of the kind's table. Scans the table: for tests.
    pub check: fn(&Store) -> Vec<String>,
}

fn len<R: Resource>(store: &Store) -> usize {
    store.table::<R>().len()
}

fn index<R: Resource>(store: &Store, id: &str) -> Option<usize> {
    store.table::<R>().index(id.parse().ok()?)
}

fn created_by_calls<R: Resource>(store: &Store) -> Vec<(AnyId, Uuid)> {
    let rows = store.table::<R>().rows().filter(|(_, row)| !row.created_by.is_nil());
    let mut rows: Vec<_> = rows.map(|(id, row)| (row.number, id, row.created_by)).collect();
    rows.sort_unstable_by_key(|(number, ..)| *number);
    rows.into_iter().map(|(_, id, call)| (id.into(), call)).collect()
}

fn set_creator<R: Resource>(store: &mut Store, id: &str, call: Uuid) {
    if let Ok(id) = id.parse() {
        R::table_mut(&mut store.tables).set_created_by(id, call);
    }
}

fn hidden<R: Resource>(store: &Store) -> Vec<(AnyId, Remaining)> {
    store.table::<R>().hidden().map(|(id, until)| (id.into(), until)).collect()
}

fn hide<R: Resource>(store: &mut Store, id: &str, until: Remaining) {
    if let Ok(id) = id.parse::<R::Id>()
        && store.get(id).is_some()
    {
        store.hide(id, until);
    }
}

fn show<R: Resource>(store: &mut Store, id: AnyId) {
    R::table_mut(&mut store.tables).show(id.id::<R::Id>());
}

fn keep_history<R: Resource>(store: &mut Store, old: &Store) {
    for (id, until) in old.table::<R>().hidden() {
        if store.get(id).is_some() {
            store.hide(id, until);
        }
    }
    for (id, row) in old.table::<R>().rows().filter(|(_, row)| !row.created_by.is_nil()) {
        R::table_mut(&mut store.tables).set_created_by(id, row.created_by);
    }
}

fn check<R: Resource>(store: &Store) -> Vec<String> {
    store.table::<R>().check(R::KIND.set)
}

macro_rules! define_kinds {
    ($($table:ident: $resource:ty {
        id: $id:ty, set: $set:literal, id_field: $id_field:literal, noun: $noun:literal,
        is_creatable: $is_creatable:literal,
    })*) => {
        /// All kinds, in the order that fixtures load.
        pub const KINDS: [&ResourceKind; [$($noun),*].len()] = [$(<$resource>::KIND),*];

        /// The resources of an account, with one table per kind.
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct Tables {
            $(pub(in crate::ecm) $table: Table<$id, $resource>,)*
        }

        $(
            impl Resource for $resource {
                type Id = $id;

                const KIND: &'static ResourceKind = &ResourceKind {
                    noun: $noun,
                    set: $set,
                    id_field: $id_field,
                    id_prefix: <$id as Id>::PREFIX,
                    is_creatable: $is_creatable,
                    codes: <$resource>::CODES,
                    len: len::<$resource>,
                    index: index::<$resource>,
                    created_by_calls: created_by_calls::<$resource>,
                    set_creator: set_creator::<$resource>,
                    keep_history: keep_history::<$resource>,
                    hidden: hidden::<$resource>,
                    hide: hide::<$resource>,
                    show: show::<$resource>,
                    check: check::<$resource>,
                };

                fn table(tables: &Tables) -> &Table<$id, $resource> {
                    &tables.$table
                }

                fn table_mut(tables: &mut Tables) -> &mut Table<$id, $resource> {
                    &mut tables.$table
                }
            }

            impl ResourceId for $id {
                type Resource = $resource;
            }
        )*
    };
}

for_each_kind!(define_kinds);
