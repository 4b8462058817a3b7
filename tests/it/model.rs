//! The pool and `CreateHaVip` beside models too simple to be wrong.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
};

use ecmock::{
    ecm::{
        CATALOG, Store,
        ids::{IdSequence, SubnetId, VpcId},
        model::{LocalTime, Subnet, Vpc},
        pool::{Pool, PoolError},
        store::{Quotas, Settings},
        zones::Region,
    },
    protocol::{Context, Tree, input::Encoding, params::Params},
};
use ipnet::Ipv4Net;
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use serde_json::{Value, json};

/// Addresses that a range lends: all but the first two and the last.
fn assignable(net: Ipv4Net) -> Vec<Ipv4Addr> {
    let (first, last) = (net.network().to_bits(), net.broadcast().to_bits());
    (first + 2..last).map(Ipv4Addr::from_bits).collect()
}

#[derive(Debug, Clone)]
enum Step {
    Take(Option<u32>),
    GiveBack(u32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Take(None)),
        (0..80_u32).prop_map(|offset| Step::Take(Some(offset))),
        (0..80_u32).prop_map(Step::GiveBack),
    ]
}

proptest! {
    #[test]
    fn the_pool_lends_as_a_list_of_free_addresses_does(
        prefix in 26..=28_u8,
        steps in prop::collection::vec(step(), 0..200),
    ) {
        let net = Ipv4Net::new(Ipv4Addr::new(10, 0, 0, 0), prefix).unwrap();
        let at = |offset| Ipv4Addr::from_bits(net.network().to_bits() + offset);
        let mut pool = Pool::new(net);
        let mut free: BTreeSet<Ipv4Addr> = assignable(net).into_iter().collect();
        for step in steps {
            match step {
                Step::Take(None) => {
                    let expected = free.pop_first().ok_or(PoolError::Exhausted(net));
                    prop_assert_eq!(pool.take(None), expected);
                }
                Step::Take(Some(offset)) => {
                    let address = at(offset);
                    match pool.take(Some(address)) {
                        Ok(taken) => prop_assert!(taken == address && free.remove(&address)),
                        Err(PoolError::InUse(_)) => {
                            prop_assert!(assignable(net).contains(&address) && !free.contains(&address));
                        }
                        Err(PoolError::Outside { .. }) => prop_assert!(!net.contains(&address)),
                        Err(PoolError::Reserved { .. }) => {
                            prop_assert!(net.contains(&address) && !assignable(net).contains(&address));
                        }
                        Err(error @ PoolError::Exhausted(_)) => prop_assert!(false, "{error}"),
                    }
                }
                Step::GiveBack(offset) => {
                    let address = at(offset);
                    if assignable(net).contains(&address) && free.insert(address) {
                        pool.give_back(address);
                    }
                }
            }
            prop_assert_eq!(pool.available(), free.len() as u64);
        }
    }
}

const NOW: LocalTime = LocalTime(chrono::DateTime::UNIX_EPOCH);
const QUOTA: usize = 4;
const VPCS: [&str; 2] = ["10.0.0.0/16", "10.1.0.0/16"];
/// Each with the number of its VPC.
const SUBNETS: [(usize, &str); 4] =
    [(0, "10.0.0.0/28"), (0, "10.0.0.16/28"), (1, "10.1.0.0/28"), (1, "10.1.1.0/27")];
const NAME_CHARS_MAX: usize = 60;

fn vpc_id(number: usize) -> VpcId {
    format!("vpc-{number:08}").parse().unwrap()
}

fn subnet_id(number: usize) -> SubnetId {
    format!("subnet-{number:08}").parse().unwrap()
}

/// A call of `CreateHaVip`: numbers past the end are things that do not exist.
#[derive(Debug, Clone)]
struct Create {
    vpc: usize,
    subnet: usize,
    name_chars: usize,
    vip: Option<Ipv4Addr>,
}

impl Create {
    fn params(&self) -> Value {
        json!({
            "VpcId": vpc_id(self.vpc),
            "SubnetId": subnet_id(self.subnet),
            "HaVipName": "名".repeat(self.name_chars),
            "Vip": self.vip,
        })
    }
}

/// HAVIPs as a list of who has what.
#[derive(Debug, Clone, Default)]
struct Model {
    taken: BTreeMap<Ipv4Addr, usize>,
}

impl Model {
    /// What the documents say of a call: an address, or a code.
    fn expected(&self, call: &Create) -> Result<Ipv4Addr, &'static str> {
        match call.name_chars {
            0 => return Err("InvalidParameter"),
            1..=NAME_CHARS_MAX => {}
            _ => return Err("InvalidParameterValue.TooLong"),
        }
        if call.vpc >= VPCS.len() || SUBNETS.get(call.subnet).is_none_or(|it| it.0 != call.vpc) {
            return Err("ResourceNotFound");
        }
        if self.taken.values().filter(|vpc| **vpc == call.vpc).count() >= QUOTA {
            return Err("LimitExceeded");
        }
        let net: Ipv4Net = SUBNETS[call.subnet].1.parse().unwrap();
        let free = |address: &Ipv4Addr| !self.taken.contains_key(address);
        match call.vip {
            None => assignable(net).into_iter().find(free).ok_or("ResourceInsufficient"),
            Some(vip) if !net.contains(&vip) => Err("InvalidParameterValue.ObjectNotCurrentSubnet"),
            Some(vip) if !assignable(net).contains(&vip) => Err("InvalidParameterValue"),
            Some(vip) if !free(&vip) => Err("InvalidParameterValue.Duplicate"),
            Some(vip) => Ok(vip),
        }
    }
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Create;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self::default()).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Create> {
        let vip = prop_oneof![
            4 => Just(None),
            4 => (0..2_u8, 0..2_u8, 0..40_u8).prop_map(|(b, c, d)| Some(Ipv4Addr::new(10, b, c, d))),
        ];
        let name_chars = prop_oneof![8 => 1..=NAME_CHARS_MAX, 1 => Just(0), 1 => Just(61)];
        (0..=VPCS.len(), 0..=SUBNETS.len(), name_chars, vip)
            .prop_map(|(vpc, subnet, name_chars, vip)| Create { vpc, subnet, name_chars, vip })
            .boxed()
    }

    fn apply(mut state: Self, call: &Create) -> Self {
        if let Ok(vip) = state.expected(call) {
            state.taken.insert(vip, call.vpc);
        }
        state
    }
}

struct CreateHaVip;

impl StateMachineTest for CreateHaVip {
    type SystemUnderTest = (Store, Model);
    type Reference = Model;

    fn init_test(_: &Model) -> (Store, Model) {
        let quotas = Quotas { ha_vips_per_vpc: QUOTA, ..Quotas::default() };
        let mut store = Store::new(Settings { quotas, settle_reads: 0 }, IdSequence::new(1, 1));
        for (number, net) in VPCS.iter().enumerate() {
            let (net, region) = (net.parse().unwrap(), Region::DEFAULT);
            store.insert_vpc(Vpc::new(vpc_id(number), net, region, NOW));
        }
        for (number, (vpc, net)) in SUBNETS.iter().enumerate() {
            let net = net.parse().unwrap();
            let (id, zone) = (subnet_id(number), Region::DEFAULT.first_zone());
            store.insert_subnet(Subnet::new(id, vpc_id(*vpc), net, zone, NOW));
        }
        (store, Model::default())
    }

    fn apply((mut store, before): (Store, Model), after: &Model, call: Create) -> (Store, Model) {
        let expected = before.expected(&call);
        let unchanged = format!("{store:?}");
        match (run(&mut store, &call.params()), expected) {
            (Ok(response), Ok(vip)) => {
                assert_eq!(response["HaVip"]["Vip"], vip.to_string());
                assert_eq!(response["HaVip"]["SubnetId"], subnet_id(call.subnet).to_string());
                let id = response["HaVip"]["HaVipId"].as_str().unwrap().parse().unwrap();
                assert_eq!(store.ha_vip(id).unwrap().vip, vip);
            }
            (Err(code), Err(expected)) => {
                assert_eq!(code, expected, "{call:?}");
                assert_eq!(format!("{store:?}"), unchanged, "an error changes nothing");
            }
            (got, expected) => panic!("{call:?} gave {got:?}, not {expected:?}"),
        }
        (store, after.clone())
    }

    fn check_invariants((store, _): &(Store, Model), _: &Model) {
        assert_eq!(store.check(), [""; 0]);
    }
}

/// Runs `CreateHaVip` without HTTP: the response's fields, or the code.
fn run(store: &mut Store, params: &Value) -> Result<Value, &'static str> {
    let members = Tree::from_json(params.to_string().as_bytes()).unwrap();
    let call = CATALOG.find("CreateHaVip").unwrap().decode(&Params::new(members, Encoding::Json));
    let cx = Context { now: chrono::DateTime::UNIX_EPOCH };
    let output = call.and_then(|call| call.run(store, &cx)).map_err(|error| error.code.as_str())?;
    let mut body: Value = serde_json::from_slice(&output.body("")).unwrap();
    Ok(body["Response"].take())
}

prop_state_machine! {
    #[test]
    fn create_ha_vip_answers_as_the_model_does(sequential 1..60 => CreateHaVip);
}
