// The addresses of a subnet, as a map.

import { html, useState } from "./vendor/preact.js";
import { countOf } from "./parts.js";

/** Number of addresses in a block. Larger subnets show one cell for each block. */
const BLOCK = 256;

/** Returns an IPv4 address as a number. */
export const number = (address) => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
/** Returns an IPv4 address from its number. */
export const dotted = (it) => [24, 16, 8, 0].map((shift) => (it / 2 ** shift) & 255).join(".");

/** Returns the first address and the number of addresses of a CIDR block. */
export function range(cidr) {
  const [address, length] = cidr.split("/");
  return { first: number(address), size: 2 ** (32 - Number(length)) };
}

/** Returns what is at each used address of a subnet, by number. */
export function usedAddresses({ CidrBlock, SubnetId }, state) {
  const { first, size } = range(CidrBlock);
  const used = new Map();
  for (const it of state.NetworkInterfaceSet ?? []) {
    if (it.SubnetId !== SubnetId) continue;
    for (const { PrivateIpAddress: address, Primary: isPrimary } of it.PrivateIpAddressSet) {
      const name = it.NetworkInterfaceName || it.NetworkInterfaceId;
      used.set(number(address), { kind: "interface", what: `${isPrimary ? "interface" : "secondary address of"} ${name}`, object: it });
    }
  }
  for (const it of state.HaVipSet ?? []) {
    if (it.SubnetId !== SubnetId || !it.Vip) continue;
    used.set(number(it.Vip), { kind: "havip", what: `HAVIP ${it.HaVipName || it.HaVipId}`, object: it });
  }
  used.set(first, { kind: "reserved", what: "network address" });
  used.set(first + 1, { kind: "reserved", what: "gateway" });
  used.set(first + size - 1, { kind: "reserved", what: "broadcast address" });
  return used;
}

/** Colors of the cells, which the text of each cell repeats. */
export function Legend() {
  return html`<ul class="legend">
    <li><span class="cell interface"></span> interface</li>
    <li><span class="cell havip"></span> HAVIP</li>
    <li><span class="cell reserved"></span> network, gateway, or broadcast address</li>
    <li><span class="cell free"></span> free</li>
  </ul>`;
}

/** The map of a subnet. `show` opens an object. */
export function AddressMap({ subnet, state, show }) {
  const { first, size } = range(subnet.CidrBlock);
  const used = usedAddresses(subnet, state);
  const [block, setBlock] = useState(0);
  if (size <= BLOCK) return html`<${Cells} first=${first} size=${size} used=${used} show=${show} label=${subnet.CidrBlock} />`;
  const counts = new Array(size / BLOCK).fill(0);
  for (const address of used.keys()) counts[Math.floor((address - first) / BLOCK)] += 1;
  const start = first + block * BLOCK;
  return html`
    <div class="cells blocks" role="group" aria-label=${`Blocks of ${BLOCK} addresses of ${subnet.CidrBlock}`}>
      ${counts.map((count, index) => {
        const text = `${dotted(first + index * BLOCK)}/24: ${countOf(count, "address", "addresses")} in use`;
        const level = count === 0 ? 0 : Math.ceil((count / BLOCK) * 4);
        return html`<button
          type="button"
          class=${`cell level-${level}`}
          aria-pressed=${index === block}
          aria-label=${text}
          title=${text}
          tabindex=${index === block ? 0 : -1}
          onClick=${() => setBlock(index)}
          onKeyDown=${moveCell}
        />`;
      })}
    </div>
    <p class="dim">${dotted(start)}/24</p>
    <${Cells} first=${start} size=${BLOCK} used=${used} show=${show} label=${`${dotted(start)}/24`} />
  `;
}

/** Moves the focus with the arrow keys, so that a map is one stop for Tab. */
function moveCell(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 32, ArrowUp: -32 }[event.key];
  if (!step) return;
  const cells = [...event.currentTarget.parentElement.querySelectorAll("button")];
  const next = cells[cells.indexOf(event.currentTarget) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** The cells of up to 256 addresses. Only addresses with an object are buttons. */
function Cells({ first, size, used, show, label }) {
  const cells = [];
  let isFirst = true;
  for (let address = first; address < first + size; address += 1) {
    const found = used.get(address);
    const text = `${dotted(address)}: ${found?.what ?? "free"}`;
    if (found?.object) {
      const kind = found.object;
      cells.push(html`<button
        type="button"
        class=${`cell ${found.kind}`}
        aria-label=${text}
        title=${text}
        tabindex=${isFirst ? 0 : -1}
        onClick=${() => show(kind)}
        onKeyDown=${moveCell}
      />`);
      isFirst = false;
    } else {
      cells.push(html`<span class=${`cell ${found?.kind ?? "free"}`} title=${text} />`);
    }
  }
  const count = [...used.keys()].filter((it) => it >= first && it < first + size).length;
  const summary = `Addresses of ${label}: ${count} of ${size} in use`;
  return html`<div class="cells" role="group" aria-label=${summary}>${cells}</div>`;
}
