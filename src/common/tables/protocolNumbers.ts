/** IANA's list of protocol numbers: the protocol field of IPv4, the next header of IPv6. */
const keywords = `
  HOPOPT=0 ICMP=1 IGMP=2 GGP=3 IPv4=4 ST=5 TCP=6 CBT=7 EGP=8 IGP=9 BBN-RCC-MON=10 NVP-II=11 PUP=12 ARGUS=13
  EMCON=14 XNET=15 CHAOS=16 UDP=17 MUX=18 DCN-MEAS=19 HMP=20 PRM=21 XNS-IDP=22 TRUNK-1=23 TRUNK-2=24 LEAF-1=25
  LEAF-2=26 RDP=27 IRTP=28 ISO-TP4=29 NETBLT=30 MFE-NSP=31 MERIT-INP=32 DCCP=33 3PC=34 IDPR=35 XTP=36 DDP=37
  IDPR-CMTP=38 TP++=39 IL=40 IPv6=41 SDRP=42 IPv6-Route=43 IPv6-Frag=44 IDRP=45 RSVP=46 GRE=47 DSR=48 BNA=49
  ESP=50 AH=51 I-NLSP=52 SWIPE=53 NARP=54 Min-IPv4=55 TLSP=56 SKIP=57 IPv6-ICMP=58 IPv6-NoNxt=59 IPv6-Opts=60
  CFTP=62 SAT-EXPAK=64 KRYPTOLAN=65 RVD=66 IPPC=67 SAT-MON=69 VISA=70 IPCV=71 CPNX=72 CPHB=73 WSN=74 PVP=75
  BR-SAT-MON=76 SUN-ND=77 WB-MON=78 WB-EXPAK=79 ISO-IP=80 VMTP=81 SECURE-VMTP=82 VINES=83 IPTM=84 NSFNET-IGP=85
  DGP=86 TCF=87 EIGRP=88 OSPFIGP=89 Sprite-RPC=90 LARP=91 MTP=92 AX.25=93 IPIP=94 MICP=95 SCC-SP=96 ETHERIP=97
  ENCAP=98 GMTP=100 IFMP=101 PNNI=102 PIM=103 ARIS=104 SCPS=105 QNX=106 A/N=107 IPComp=108 SNP=109
  Compaq-Peer=110 IPX-in-IP=111 VRRP=112 PGM=113 L2TP=115 DDX=116 IATP=117 STP=118 SRP=119 UTI=120 SMP=121 SM=122
  PTP=123 ISIS=124 FIRE=125 CRTP=126 CRUDP=127 SSCOPMCE=128 IPLT=129 SPS=130 PIPE=131 SCTP=132 FC=133
  RSVP-E2E-IGNORE=134 Mobility-Header=135 UDPLite=136 MPLS-in-IP=137 manet=138 HIP=139 Shim6=140 WESP=141 ROHC=142
  Ethernet=143 AGGFRAG=144 NSH=145 Homa=146 BIT-EMU=147`;

/** Beyond what a packet can say: Linux's and `/etc/protocols`' number for Multipath TCP. */
const mptcp = 262;

export interface IanaProtocol {
  /** As the list spells it: `IPv6-ICMP`. */
  keyword: string;
  number: number;
}

export const ianaProtocols: readonly IanaProtocol[] = keywords
  .trim()
  .split(/\s+/)
  .map((entry) => {
    const [keyword, number] = entry.split('=') as [string, string];
    return { keyword, number: Number(number) };
  });

/** As a name in the notation: `IPV6_ICMP`. */
function asConstant(keyword: string): string {
  return keyword.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}

const byName: ReadonlyMap<string, number> = new Map(
  ianaProtocols.map(({ keyword, number }) => [asConstant(keyword), number]),
);
const byNumber: ReadonlyMap<number, string> = new Map(
  ianaProtocols.map(({ keyword, number }) => [number, keyword]),
);

/** The number of a protocol by IANA's keyword, in any spelling: `TCP`, `IPv6-ICMP`, `IPV6_ICMP`. */
export function ianaNumber(name: string): number | undefined {
  return byName.get(asConstant(name)) ?? (asConstant(name) === 'MPTCP' ? mptcp : undefined);
}

/** IANA's keyword of a protocol: `OSPFIGP` of 89. */
export function ianaKeyword(number: number): string | undefined {
  return byNumber.get(number);
}
