package egress

import (
	"net/netip"
	"slices"
)

// Kind is why an address or URL is refused. The set is closed: it is a metric
// label and all that a caller learns.
type Kind string

// The kinds. Those of an address name the network it belongs to (IANA special
// purpose registries, RFC 6890 and its successors).
const (
	Loopback    Kind = "loopback"
	Private     Kind = "private"
	LinkLocal   Kind = "link_local"
	Shared      Kind = "shared" // carrier-grade NAT, 100.64.0.0/10
	Metadata    Kind = "metadata"
	Multicast   Kind = "multicast"
	Unspecified Kind = "unspecified"
	Reserved    Kind = "reserved" // documentation, benchmarks, future use
	Tunnel      Kind = "tunnel"   // 6to4, Teredo, local-use NAT64
	Malformed   Kind = "malformed"
	Scheme      Kind = "scheme"
	Userinfo    Kind = "userinfo"
	Network     Kind = "network" // anything but TCP
)

// RefusedError says that the guard did not connect. It names the kind and nothing
// else, because the address behind a name is the operator's business.
type RefusedError struct{ Kind Kind }

// Error implements error.
func (r *RefusedError) Error() string {
	text := "egress: refused (" + string(r.Kind) + ")"
	switch r.Kind {
	case Scheme:
		return text + ": set allow_http if the endpoint is meant to be reached without TLS"
	case Loopback, Private, Shared, Reserved, Tunnel:
		return text + ": set allow_private if the endpoint is meant to be there"
	case LinkLocal, Metadata, Multicast, Unspecified:
		return text + ": no setting opens such addresses"
	case Malformed, Userinfo, Network:
	}
	return text
}

// rule gives one network its kind.
type rule struct {
	net  netip.Prefix
	kind Kind
}

// rules are looked through in order, the narrow ones first. What allow_private
// opens is decided by kind, in opened.
func rules() []rule {
	out := make([]rule, 0, 48)
	add := func(kind Kind, nets ...string) {
		for _, n := range nets {
			out = append(out, rule{netip.MustParsePrefix(n), kind})
		}
	}
	// Instance metadata of AWS (also of its containers and pods), GCP, Azure (also its
	// wire server), Alibaba, Oracle, Scaleway: whoever reaches it has the machine's
	// credentials. The others are link local.
	add(Metadata, "169.254.169.254/32", "169.254.170.2/32", "169.254.170.23/32", "169.254.42.42/32", "168.63.129.16/32",
		"100.100.100.200/32", "192.0.0.192/32", "fd00:ec2::254/128", "fd00:ec2::23/128", "fd20:ce::254/128",
		"fd00:c1::a9fe:a9fe/128", "fd00:42::42/128")
	add(Unspecified, "0.0.0.0/8", "::/128")
	add(Loopback, "127.0.0.0/8", "::1/128")
	add(Private, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10")
	add(LinkLocal, "169.254.0.0/16", "fe80::/10")
	add(Shared, "100.64.0.0/10")
	add(Multicast, "224.0.0.0/4", "ff00::/8")
	add(Tunnel, "192.88.99.0/24", "2002::/16", "2001::/32", "64:ff9b:1::/48")
	add(Reserved, "192.0.0.0/24", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15",
		"240.0.0.0/4", "2001::/23", "2001:db8::/32", "3fff::/20")
	return out
}

// judge tells the kind of an address that is not in the public internet.
// NAT64 of the well-known prefix (RFC 6052) is judged by the address inside,
// because IPv6-only hosts reach every IPv4 endpoint by it.
func judge(rules []rule, a netip.Addr) (Kind, bool) {
	a = a.Unmap().WithZone("")
	nat64 := netip.MustParsePrefix("64:ff9b::/96")
	if nat64.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	if i := slices.IndexFunc(rules, func(r rule) bool { return r.net.Contains(a) }); i >= 0 {
		return rules[i].kind, true
	}
	// Only 2000::/3 is handed out as public IPv6 (RFC 4291); all else, such as
	// the old IPv4-compatible ::a.b.c.d, is doubt.
	if a.Is6() && !netip.MustParsePrefix("2000::/3").Contains(a) {
		return Reserved, true
	}
	return "", false
}

// opened tells what allow_private opens: networks that somebody may have made
// their own. A metadata service or a multicast group is never an endpoint, link-local
// addresses are where clouds put metadata services, known and unknown, and the
// unspecified address is only a way to write loopback.
func opened(k Kind) bool {
	return k != Metadata && k != Multicast && k != Unspecified && k != LinkLocal
}
