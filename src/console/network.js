// VPCs, subnets and their addresses, HAVIPs, interfaces, and EIPs.

import { html, useState } from "./vendor/preact.js";
import { send } from "./api.js";
import { AddressMap, Legend } from "./addresses.js";
import { useJson } from "./live.js";
import { CallDialog, Code, countOf, Dialog, Outcome, pretty, Rows, useOutcome } from "./parts.js";

/** Kinds of objects: their ID, their name, and the actions that rename and delete them. */
const KINDS = [
  { id: "HaVipId", noun: "HAVIP", name: "HaVipName", rename: "ModifyHaVipAttribute", remove: "DeleteHaVip" },
  { id: "NetworkInterfaceId", noun: "interface", name: "NetworkInterfaceName", remove: "DeleteNetworkInterface" },
  { id: "AddressId", noun: "EIP", name: "AddressName", rename: "ModifyAddressAttribute", remove: "ReleaseAddresses", list: "AddressIds" },
  { id: "InstanceId", noun: "instance", name: "InstanceName" },
  { id: "SubnetId", noun: "subnet", name: "SubnetName", rename: "ModifySubnetAttribute", remove: "DeleteSubnet" },
  { id: "VpcId", noun: "VPC", name: "VpcName", rename: "ModifyVpcAttribute", remove: "DeleteVpc" },
];

/** Sets of the state, by the noun of their objects. */
const SETS = {
  HAVIP: "HaVipSet",
  interface: "NetworkInterfaceSet",
  EIP: "AddressSet",
  instance: "InstanceSet",
  subnet: "SubnetSet",
  VPC: "VpcSet",
};

const kindOf = (state, object) => KINDS.find(({ noun }) => state[SETS[noun]]?.includes(object));
const findIn = (state, { noun, id }, wanted) => state[SETS[noun]]?.find((it) => it[id] === wanted);
const titleOf = (kind, object) => object[kind.name] || object[kind.id];

export function Network({ account, actions, tick, bump }) {
  const state = useJson(account, "state", tick);
  const [shown, setShown] = useState(null);
  const [proposed, setProposed] = useState(null);
  if (!state) return html`<p class="empty">Loading…</p>`;
  const show = (object) => {
    const kind = kindOf(state, object);
    setShown({ noun: kind.noun, id: object[kind.id] });
  };
  const propose = (action, params) => {
    setShown(null);
    setProposed({ action, params });
  };
  const kind = shown && KINDS.find(({ noun }) => noun === shown.noun);
  const object = kind && findIn(state, kind, shown.id);
  return html`
    <div class="toolbar">
      <button type="button" class="main" onClick=${() => propose("CreateVpc", { VpcName: "web", CidrBlock: "10.0.0.0/16", EcmRegion: region(state) })}>Create a VPC</button>
      <button type="button" onClick=${() => propose("AllocateAddresses", { EcmRegion: region(state), AddressCount: 1 })}>Allocate an EIP</button>
      <${Legend} />
    </div>
    ${(state.VpcSet ?? []).map((vpc) => html`<${Vpc} key=${vpc.VpcId} vpc=${vpc} state=${state} show=${show} propose=${propose} />`)}
    ${(state.VpcSet ?? []).length === 0 && html`<p class="empty">The account has no VPC.</p>`}
    <${HaVips} state=${state} show=${show} />
    <${Objects} title="Network interfaces" set=${state.NetworkInterfaceSet ?? []} state=${state} show=${show} />
    <${Objects} title="EIPs" set=${state.AddressSet ?? []} state=${state} show=${show} />
    <${Objects} title="Instances" set=${state.InstanceSet ?? []} state=${state} show=${show} />
    ${object && html`<${ObjectDialog}
      key=${shown.id}
      account=${account}
      kind=${kind}
      object=${object}
      state=${state}
      bump=${bump}
      propose=${propose}
      onClose=${() => setShown(null)}
    />`}
    ${proposed && html`<${CallDialog}
      key=${pretty(proposed)}
      account=${account}
      actions=${actions}
      ...${proposed}
      onClose=${() => setProposed(null)}
      onDone=${bump}
    />`}
  `;
}

const region = (state) => state.VpcSet?.[0]?.Region || "ap-hangzhou-ecm";

const newInterface = ({ VpcId, SubnetId, Region }) => ({ VpcId, SubnetId, NetworkInterfaceName: "web", EcmRegion: Region });

function Vpc({ vpc, state, show, propose }) {
  const subnets = (state.SubnetSet ?? []).filter((it) => it.VpcId === vpc.VpcId);
  const zone = state.SubnetSet?.[0]?.Zone ?? "ap-hangzhou-ecm-1";
  const proposal = { VpcId: vpc.VpcId, SubnetName: "web", CidrBlock: vpc.CidrBlock.replace(/\/\d+$/, "/24"), Zone: zone, EcmRegion: vpc.Region };
  return html`<section class="vpc" aria-label=${`VPC ${vpc.VpcName || vpc.VpcId}`}>
    <h2>
      <button type="button" class="link" onClick=${() => show(vpc)}>${vpc.VpcName || vpc.VpcId}</button>
      <span class="dim">VPC ${vpc.VpcId} ${vpc.CidrBlock}</span>
      <button type="button" onClick=${() => propose("CreateSubnet", proposal)}>Create a subnet</button>
    </h2>
    ${subnets.map(
      (subnet) => html`<section key=${subnet.SubnetId} class="subnet" aria-label=${`Subnet ${subnet.SubnetName || subnet.SubnetId}`}>
        <h3>
          <button type="button" class="link" onClick=${() => show(subnet)}>${subnet.SubnetName || subnet.SubnetId}</button>
          <span class="dim">${subnet.SubnetId} ${subnet.CidrBlock}, ${countOf(subnet.AvailableIpAddressCount, "free address", "free addresses")}</span>
          <button type="button" onClick=${() => propose("CreateHaVip", { VpcId: vpc.VpcId, SubnetId: subnet.SubnetId, HaVipName: "web" })}>Create a HAVIP</button>
          <button type="button" onClick=${() => propose("CreateNetworkInterface", newInterface(subnet))}>Create an interface</button>
        </h3>
        <${AddressMap} subnet=${subnet} state=${state} show=${show} />
      </section>`,
    )}
    ${subnets.length === 0 && html`<p class="dim">No subnets</p>`}
  </section>`;
}

/** A link to an object in a picture. */
function Chip({ label, text, onClick }) {
  return html`<button type="button" class="chip" onClick=${onClick}><small>${label}</small> ${text}</button>`;
}

/** Each HAVIP with its EIP before it, and the interface that announces it after it. */
function HaVips({ state, show }) {
  const set = state.HaVipSet ?? [];
  const interfaces = new Map((state.NetworkInterfaceSet ?? []).map((it) => [it.NetworkInterfaceId, it]));
  const instances = new Map((state.InstanceSet ?? []).map((it) => [it.InstanceId, it]));
  const eips = new Map((state.AddressSet ?? []).map((it) => [it.AddressIp, it]));
  const row = (index) => {
    const it = set[index];
    const announcer = interfaces.get(it.NetworkInterfaceId);
    const instance = announcer && instances.get(announcer.Attachment?.InstanceId);
    const eip = it.AddressIp && eips.get(it.AddressIp);
    return html`<div class="picture">
      ${it.AddressIp && html`<${Chip} label="EIP" text=${it.AddressIp} onClick=${() => show(eip ?? it)} /><span aria-hidden="true">→</span>`}
      <${Chip} label="HAVIP" text=${`${it.HaVipName || it.HaVipId} ${it.Vip}`} onClick=${() => show(it)} />
      ${announcer
        ? html`<span aria-hidden="true">→</span><${Chip} label="announced by" text=${announcer.NetworkInterfaceName || announcer.NetworkInterfaceId} onClick=${() => show(announcer)} />
            ${instance && html`<span aria-hidden="true">→</span><${Chip} label="instance" text=${instance.InstanceName || instance.InstanceId} onClick=${() => show(instance)} />`}`
        : html`<span class="dim">not announced</span>`}
    </div>`;
  };
  return html`<section aria-labelledby="havips">
    <h2 id="havips">HAVIPs <span class="dim">${set.length.toLocaleString("en")}</span></h2>
    <${Rows} label="HAVIPs" count=${set.length} height=${44} row=${row} keyOf=${(index) => set[index].HaVipId} empty="No HAVIPs" />
  </section>`;
}

function Objects({ title, set, state, show }) {
  const [isOpen, setOpen] = useState(false);
  if (set.length === 0) return null;
  const kind = kindOf(state, set[0]);
  const row = (index) => {
    const it = set[index];
    const address = it.AddressIp ?? it.PrivateIpAddressSet?.map(({ PrivateIpAddress }) => PrivateIpAddress).join(", ") ?? "";
    return html`<button type="button" class="row objects" onClick=${() => show(it)}>
      <span>${titleOf(kind, it)}</span><span>${it[kind.id]}</span><span>${address}</span>
    </button>`;
  };
  return html`<details onToggle=${(event) => setOpen(event.target.open)}>
    <summary>${title} <span class="dim">${set.length.toLocaleString("en")}</span></summary>
    ${isOpen && html`<${Rows} label=${title} count=${set.length} height=${36} row=${row} keyOf=${(index) => set[index][kind.id]} empty="" />`}
  </details>`;
}

function ObjectDialog({ account, kind, object, state, bump, propose, onClose }) {
  const id = object[kind.id];
  const common = kind.noun === "HAVIP" ? {} : { EcmRegion: region(state) };
  const rename = () => propose(kind.rename, { ...common, [kind.id]: id, [kind.name]: object[kind.name] ?? "" });
  const remove = () => propose(kind.remove, { ...common, ...(kind.list ? { [kind.list]: [id] } : { [kind.id]: id }) });
  return html`<${Dialog} title=${`${kind.noun} ${titleOf(kind, object)}`} onClose=${onClose}>
    <p class="actions">
      ${kind.rename && html`<button type="button" onClick=${rename}>Rename…</button>`}
      ${kind.remove && html`<button type="button" onClick=${remove}>Delete…</button>`}
    </p>
    ${kind.noun === "HAVIP" && html`<${Failover} account=${account} haVip=${object} state=${state} bump=${bump} />`}
    <${Code} text=${pretty(object)} label="JSON" />
  <//>`;
}

/** Announces and withdraws a HAVIP, and binds an EIP to it. */
function Failover({ account, haVip, state, bump }) {
  const [outcome, attempt] = useOutcome();
  const isAttached = (it) => Number(it.Attachment !== null);
  const interfaces = (state.NetworkInterfaceSet ?? [])
    .filter((it) => it.SubnetId === haVip.SubnetId)
    .sort((one, other) => isAttached(other) - isAttached(one));
  const eips = state.AddressSet ?? [];
  const [announcer, setAnnouncer] = useState("");
  const [eip, setEip] = useState("");
  const change = (method, what, body) =>
    attempt(async () => {
      const { HaVip: changed } = await send(method, `havips/${encodeURIComponent(haVip.HaVipId)}/${what}`, account, { body });
      bump();
      return `State ${changed.State}, announced by ${changed.NetworkInterfaceId || "no interface"}, EIP ${changed.AddressIp || "none"}`;
    });
  const from = announcer || interfaces[0]?.NetworkInterfaceId;
  const address = eip || eips[0]?.AddressId;
  return html`
    <div class="form-row">
      <label>
        Interface
        <select value=${from} onChange=${(event) => setAnnouncer(event.target.value)}>
          ${interfaces.map((it) => html`<option value=${it.NetworkInterfaceId}>${it.NetworkInterfaceName || it.NetworkInterfaceId}</option>`)}
        </select>
      </label>
      <button type="button" disabled=${!from} onClick=${() => change("POST", "announce", { NetworkInterfaceId: from })}>Announce</button>
      <button type="button" onClick=${() => change("POST", "withdraw")}>Withdraw</button>
    </div>
    <div class="form-row">
      <label>
        EIP
        <select value=${address} onChange=${(event) => setEip(event.target.value)}>
          ${eips.map((it) => html`<option value=${it.AddressId}>${it.AddressIp}</option>`)}
        </select>
      </label>
      <button type="button" disabled=${!address} onClick=${() => change("PUT", "address", { AddressId: address })}>Bind</button>
      <button type="button" onClick=${() => change("PUT", "address", { AddressId: null })}>Unbind</button>
    </div>
    <${Outcome} outcome=${outcome} />
  `;
}
