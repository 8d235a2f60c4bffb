import { t } from '../l10n.js';

/** One address family of Linux: what its sockets are for, and what must be there for the kernel to make them. */
export interface Family {
  /** The constant: `AF_INET`. */
  name: string;
  /** One localised sentence. */
  readonly purpose: string;
  /** What would have to be there; localised, one to three sentences. */
  readonly needs: string;
}

type Sentence = () => string;

/** A family that a kernel is built with, or that a module brings. */
function built(
  name: string,
  purpose: Sentence,
  config: string,
  module: string | null,
  extra?: Sentence,
): Family {
  const needs = () =>
    module === null
      ? t('It needs a kernel built with {0}.', config)
      : t('It needs a kernel built with {0}, or the module {1} for this kernel.', config, module);
  return family(name, purpose, needs, extra);
}

/** A family that Linux no longer has; without a version nobody remembers since when. */
function removed(name: string, purpose: Sentence, version?: string): Family {
  const needs = () =>
    version === undefined
      ? t('Linux dropped it long ago.')
      : t('Linux dropped it with version {0}: it needs an older kernel.', version);
  return family(name, purpose, needs);
}

/** A number without sockets. */
function reserved(name: string, purpose: Sentence): Family {
  return family(name, purpose, () => t('Linux has its number only: no kernel makes sockets of it.'));
}

function family(name: string, purpose: Sentence, needs: Sentence, extra?: Sentence): Family {
  return {
    name,
    get purpose() {
      return purpose();
    },
    get needs() {
      return extra ? `${needs()} ${extra()}` : needs();
    },
  };
}

/** In the order of their numbers. */
export const families: readonly Family[] = [
  reserved('AF_UNSPEC', () => t("No family: in an address it dissolves a datagram socket's connection.")),
  built(
    'AF_UNIX',
    () => t('Talk between programs of one machine, by a path or an abstract name.'),
    'CONFIG_UNIX',
    'unix',
  ),
  built(
    'AF_INET',
    () => t('The Internet over IPv4: TCP, UDP and everything else that IP carries.'),
    'CONFIG_INET',
    null,
    () => t('Raw sockets need CAP_NET_RAW.'),
  ),
  built(
    'AF_AX25',
    () => t('Packet radio of radio amateurs.'),
    'CONFIG_AX25',
    'ax25',
    () => t('To reach others it needs a radio modem (TNC), or AX.25 over Ethernet.'),
  ),
  removed('AF_IPX', () => t("Novell's IPX, the network of NetWare."), '4.18'),
  built(
    'AF_APPLETALK',
    () => t("AppleTalk's datagrams, the network of old Macintoshes."),
    'CONFIG_ATALK',
    'appletalk',
  ),
  built(
    'AF_NETROM',
    () => t('NET/ROM, a network layer over AX.25 packet radio.'),
    'CONFIG_NETROM',
    'netrom',
    () => t('It stands on AX.25.'),
  ),
  reserved('AF_BRIDGE', () => t('Marks netlink messages about Ethernet bridges.')),
  built(
    'AF_ATMPVC',
    () => t('Permanent circuits over ATM.'),
    'CONFIG_ATM',
    'atm',
    () => t('It needs an ATM adapter.'),
  ),
  built(
    'AF_X25',
    () => t('X.25, the packet-switched networks of the telephone companies.'),
    'CONFIG_X25',
    'x25',
    () => t('It needs a link that carries it: LAPB over Ethernet or a serial card.'),
  ),
  built(
    'AF_INET6',
    () => t('The Internet over IPv6; with IPV6_V6ONLY off it speaks with IPv4 hosts too.'),
    'CONFIG_IPV6',
    'ipv6',
    () => t('The kernel must not have been started with ipv6.disable=1. Raw sockets need CAP_NET_RAW.'),
  ),
  built(
    'AF_ROSE',
    () => t('ROSE, an X.25-like network over AX.25 packet radio.'),
    'CONFIG_ROSE',
    'rose',
    () => t('It stands on AX.25.'),
  ),
  removed('AF_DECnet', () => t('DECnet Phase IV, the network of VAX and PDP machines.'), '6.1'),
  reserved('AF_NETBEUI', () => t('Kept for the NetBEUI of Windows networks.')),
  reserved('AF_SECURITY', () => t('A pseudo family of security call-backs.')),
  built(
    'AF_KEY',
    () => t('Manages the keys of IPsec (PF_KEY version 2); NETLINK_XFRM took its place.'),
    'CONFIG_NET_KEY',
    'af_key',
    () => t('It needs CAP_NET_ADMIN and the protocol PF_KEY_V2.'),
  ),
  built(
    'AF_NETLINK',
    () => t('Talks with the kernel: interfaces, routes, sockets, firewall, events of devices.'),
    'CONFIG_NET',
    null,
    () => t('Each protocol is a part of the kernel; without that part it is EPROTONOSUPPORT.'),
  ),
  built(
    'AF_PACKET',
    () => t('Whole packets as the network interface has them: what tcpdump and DHCP use.'),
    'CONFIG_PACKET',
    'af_packet',
    () => t('It needs CAP_NET_RAW.'),
  ),
  reserved('AF_ASH', () => t('Kept for Ash, a network that never came.')),
  removed('AF_ECONET', () => t("Acorn's Econet, the network of BBC Micros."), '3.5'),
  built(
    'AF_ATMSVC',
    () => t('Switched circuits over ATM, set up by signalling.'),
    'CONFIG_ATM',
    'atm',
    () => t('It needs an ATM adapter and the signalling daemon.'),
  ),
  built(
    'AF_RDS',
    () => t('Reliable datagrams between the nodes of a cluster.'),
    'CONFIG_RDS',
    'rds',
    () => t('Its transport is RDMA (rds_rdma) or TCP (rds_tcp).'),
  ),
  reserved('AF_SNA', () => t("Kept for IBM's SNA.")),
  removed('AF_IRDA', () => t('Infrared light between laptops and telephones.'), '4.17'),
  built(
    'AF_PPPOX',
    () => t('Sessions of PPP over Ethernet, L2TP or PPTP.'),
    'CONFIG_PPPOE',
    'pppox',
    () => t('Each protocol is a module of its own: pppoe, l2tp_ppp, pptp.'),
  ),
  removed('AF_WANPIPE', () => t("Sangoma's cards for wide area networks.")),
  built(
    'AF_LLC',
    () => t('IEEE 802.2 logical link control on a local network.'),
    'CONFIG_LLC2',
    'llc2',
    () => t('It needs CAP_NET_RAW.'),
  ),
  reserved('AF_IB', () => t("InfiniBand's own addresses, as the RDMA connection manager writes them.")),
  reserved('AF_MPLS', () => t('Marks MPLS labels in netlink messages about routes.')),
  built(
    'AF_CAN',
    () => t('The CAN bus of cars and machines.'),
    'CONFIG_CAN',
    'can',
    () =>
      t(
        'Each protocol is a module of its own: can-raw, can-bcm, can-isotp, can-j1939. It needs a CAN interface; vcan makes one without hardware.',
      ),
  ),
  built(
    'AF_TIPC',
    () => t('Services of a cluster found by number, not by host.'),
    'CONFIG_TIPC',
    'tipc',
    () => t('To reach other nodes it needs a bearer: Ethernet or UDP.'),
  ),
  built(
    'AF_BLUETOOTH',
    () => t('Bluetooth: HCI, L2CAP, RFCOMM, SCO and more.'),
    'CONFIG_BT',
    'bluetooth',
    () => t('It needs a Bluetooth adapter.'),
  ),
  built(
    'AF_IUCV',
    () => t('Talk between virtual machines of one IBM Z mainframe.'),
    'CONFIG_AFIUCV',
    'af_iucv',
    () => t('It needs an IBM Z machine, z/VM or HiperSockets.'),
  ),
  built(
    'AF_RXRPC',
    () => t('The remote procedure calls of the AFS file system.'),
    'CONFIG_AF_RXRPC',
    'rxrpc',
    () => t('Its protocol says what carries it: PF_INET or PF_INET6.'),
  ),
  built(
    'AF_ISDN',
    () => t('ISDN telephone lines (mISDN).'),
    'CONFIG_MISDN',
    'mISDN_core',
    () => t('It needs an ISDN card or the virtual one of l1oip.'),
  ),
  built(
    'AF_PHONET',
    () => t("Phonet, the protocol inside Nokia's modems."),
    'CONFIG_PHONET',
    'phonet',
    () => t('It needs CAP_SYS_ADMIN and such a modem.'),
  ),
  built(
    'AF_IEEE802154',
    () => t('Low-rate radio of sensors (IEEE 802.15.4).'),
    'CONFIG_IEEE802154_SOCKET',
    'ieee802154_socket',
    () => t('It needs such a radio; fakelb or mac802154_hwsim makes one without hardware.'),
  ),
  built(
    'AF_CAIF',
    () => t("CAIF, the protocol of ST-Ericsson's modems."),
    'CONFIG_CAIF',
    'caif_socket',
    () => t('It needs CAP_NET_ADMIN and such a modem.'),
  ),
  built(
    'AF_ALG',
    () => t("The kernel's cryptography: hashes, ciphers and random numbers for programs."),
    'CONFIG_CRYPTO_USER_API',
    'af_alg',
    () =>
      t('Each kind of algorithm is a module of its own: algif_hash, algif_skcipher, algif_aead, algif_rng.'),
  ),
  built(
    'AF_NFC',
    () => t('Near field communication with tags and devices.'),
    'CONFIG_NFC',
    'nfc',
    () => t('It needs an NFC adapter.'),
  ),
  built(
    'AF_VSOCK',
    () => t('Talk between a virtual machine and its host.'),
    'CONFIG_VSOCKETS',
    'vsock',
    () => t('It needs a transport: virtio_vsock in a guest, vhost_vsock on a host, or vsock_loopback.'),
  ),
  built(
    'AF_KCM',
    () => t("Makes messages out of TCP's stream, cut by a BPF program."),
    'CONFIG_AF_KCM',
    'kcm',
  ),
  built(
    'AF_QIPCRTR',
    () => t('Talk between the processors of a Qualcomm chip.'),
    'CONFIG_QRTR',
    'qrtr',
    () => t('To reach others it needs such a chip or modem.'),
  ),
  built(
    'AF_SMC',
    () => t("TCP's calls over shared memory: RDMA or IBM's ISM, with TCP to fall back on."),
    'CONFIG_SMC',
    'smc',
    () => t('Without an RDMA or ISM adapter it goes on as TCP.'),
  ),
  built(
    'AF_XDP',
    () => t('Packets of a network queue through memory that is shared with the driver.'),
    'CONFIG_XDP_SOCKETS',
    null,
    () => t('It needs CAP_NET_RAW, and a BPF program that redirects packets to it.'),
  ),
  built(
    'AF_MCTP',
    () => t("Management messages between the controllers of a server's board."),
    'CONFIG_MCTP',
    null,
    () => t('It needs a bus that carries them: I2C, I3C, serial, USB or PCIe.'),
  ),
];

const byName: ReadonlyMap<string, Family> = new Map(families.map((one) => [one.name, one]));

/** What is known of a family, by the constant's name. */
export function familyOf(name: string | number | undefined): Family | undefined {
  return typeof name === 'string' ? byName.get(name) : undefined;
}
