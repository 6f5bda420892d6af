package egress_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"bauta/webhook/egress"
)

// zone is a name server on loopback. Each round of answers is for one resolution of a
// name; the last one stays.
type zone struct {
	t      *testing.T
	rounds []round
	// A resolution asks for either family once.
	asked, asked6 atomic.Int32
}

// round is what a resolution finds: addresses of either family, and before them a name.
type round struct {
	cname string
	addrs []string
}

func found(addrs ...string) round { return round{addrs: addrs} }

// resolver serves the zone over UDP and returns what asks it.
func resolver(t *testing.T, rounds ...round) (*net.Resolver, *zone) {
	t.Helper()
	z := &zone{t: t, rounds: rounds}
	conn, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go z.serve(conn)
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}, z
}

func (z *zone) serve(conn net.PacketConn) {
	buffer := make([]byte, 1500)
	for {
		n, from, err := conn.ReadFrom(buffer)
		if err != nil {
			return
		}
		var m dnsmessage.Message
		if err := m.Unpack(buffer[:n]); err != nil || len(m.Questions) != 1 {
			z.t.Errorf("no question: %v", err)
			return
		}
		answer, err := z.answer(m.ID, m.Questions[0])
		if err != nil {
			z.t.Errorf("no answer: %v", err)
			return
		}
		_, _ = conn.WriteTo(answer, from)
	}
}

// answer gives the records of the asked family.
func (z *zone) answer(id uint16, q dnsmessage.Question) ([]byte, error) {
	asked := &z.asked
	if q.Type == dnsmessage.TypeAAAA {
		asked = &z.asked6
	}
	r := z.rounds[min(int(asked.Add(1)), len(z.rounds))-1]
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: id, Response: true, RecursionAvailable: true}, Questions: []dnsmessage.Question{q}}
	name := q.Name
	add := func(kind dnsmessage.Type, body dnsmessage.ResourceBody) {
		m.Answers = append(m.Answers, dnsmessage.Resource{
			Header: dnsmessage.ResourceHeader{Name: name, Type: kind, Class: dnsmessage.ClassINET}, Body: body,
		})
	}
	if r.cname != "" {
		alias := dnsmessage.MustNewName(r.cname)
		add(dnsmessage.TypeCNAME, &dnsmessage.CNAMEResource{CNAME: alias})
		name = alias
	}
	for _, text := range r.addrs {
		a := netip.MustParseAddr(text)
		switch {
		case a.Is4() && q.Type == dnsmessage.TypeA:
			add(dnsmessage.TypeA, &dnsmessage.AResource{A: a.As4()})
		case a.Is6() && q.Type == dnsmessage.TypeAAAA:
			add(dnsmessage.TypeAAAA, &dnsmessage.AAAAResource{AAAA: a.As16()})
		}
	}
	return m.Pack()
}

// endpoint counts what reaches a server on loopback.
func endpoint(t *testing.T) (port string, served *atomic.Int32) {
	t.Helper()
	served = new(atomic.Int32)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		served.Add(1)
		w.Header().Set("Connection", "close")
	}))
	t.Cleanup(srv.Close)
	return srv.URL[strings.LastIndexByte(srv.URL, ':'):], served
}

func TestDialJudgesWhatANameResolvesTo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		found round
		want  egress.Kind
	}{
		"loopback":                     {found("127.0.0.1"), egress.Loopback},
		"loopback in IPv6":             {found("::1"), egress.Loopback},
		"loopback mapped":              {found("::ffff:127.0.0.1"), egress.Loopback},
		"unspecified":                  {found("0.0.0.0"), egress.Unspecified},
		"unspecified in IPv6":          {found("::"), egress.Unspecified},
		"metadata":                     {found("169.254.169.254"), egress.Metadata},
		"metadata in IPv6":             {found("fd00:ec2::254"), egress.Metadata},
		"metadata behind NAT64":        {found("64:ff9b::a9fe:a9fe"), egress.Metadata},
		"private":                      {found("10.0.0.1"), egress.Private},
		"unique local":                 {found("fd12::1"), egress.Private},
		"link local":                   {found("169.254.1.1"), egress.LinkLocal},
		"shared":                       {found("100.127.0.1"), egress.Shared},
		"multicast":                    {found("224.0.0.1"), egress.Multicast},
		"documentation":                {found("192.0.2.1"), egress.Reserved},
		"benchmarks":                   {found("198.18.0.1"), egress.Reserved},
		"6to4":                         {found("2002:a00:1::1"), egress.Tunnel},
		"Teredo":                       {found("2001:0:a00:1::1"), egress.Tunnel},
		"IPv4-compatible":              {found("::7f00:1"), egress.Reserved},
		"another name, and by it this": {round{"localhost.", []string{"127.0.0.1"}}, egress.Loopback},
		"two, and both are private":    {found("10.0.0.1", "10.0.0.2"), egress.Private},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			port, served := endpoint(t)
			names, z := resolver(t, c.found)
			_, err := get(t, egress.New(egress.Options{AllowHTTP: true, Resolver: names}), "http://crm.example"+port)
			if got := refusal(t, err); got != c.want {
				t.Fatalf("kind %q, want %q", got, c.want)
			}
			if z.asked.Load() == 0 || served.Load() != 0 {
				t.Fatalf("%d questions, %d requests served: want some and none", z.asked.Load(), served.Load())
			}
			var r *egress.RefusedError
			errors.As(err, &r)
			for _, part := range append(c.found.addrs, "crm.example") {
				if len(part) > 2 && strings.Contains(r.Error(), part) {
					t.Errorf("the refusal tells %q", part)
				}
			}
		})
	}
}

// A name whose answer changes between two deliveries (DNS rebinding): the first is
// allowed and reaches the server, whatever comes afterwards is judged anew. What is
// allowed first stands for the public address: a test does not leave this machine.
func TestDialJudgesEveryDialAnew(t *testing.T) {
	t.Parallel()
	for afterwards, want := range map[string]egress.Kind{
		"169.254.169.254": egress.Metadata, "169.254.1.1": egress.LinkLocal, "0.0.0.0": egress.Unspecified, "fd00:ec2::254": egress.Metadata,
		"fe80::1": egress.LinkLocal, "ff02::1": egress.Multicast, "64:ff9b::a9fe:a9fe": egress.Metadata,
	} {
		t.Run(string(want)+" at "+afterwards, func(t *testing.T) {
			t.Parallel()
			port, served := endpoint(t)
			names, _ := resolver(t, found("127.0.0.1"), found(afterwards))
			tr := egress.New(egress.Options{AllowHTTP: true, AllowPrivate: true, Resolver: names})
			if _, err := get(t, tr, "http://crm.example"+port); err != nil {
				t.Fatalf("the first answer: %v", err)
			}
			_, err := get(t, tr, "http://crm.example"+port)
			if got := refusal(t, err); got != want {
				t.Fatalf("the second answer: kind %q, want %q", got, want)
			}
			if served.Load() != 1 {
				t.Fatalf("served %d requests, want 1", served.Load())
			}
		})
	}
}

// Of several addresses the dialler tries one after the other: each is judged.
func TestEveryAddressOfANameIsJudged(t *testing.T) {
	t.Parallel()
	port, served := endpoint(t)
	names, _ := resolver(t, found("169.254.169.254", "127.0.0.1"))
	tr := egress.New(egress.Options{AllowHTTP: true, AllowPrivate: true, Resolver: names})
	if _, err := get(t, tr, "http://crm.example"+port); err != nil || served.Load() != 1 {
		t.Fatalf("%v, served %d requests: the allowed address was not tried", err, served.Load())
	}
	strict := egress.New(egress.Options{AllowHTTP: true, Resolver: names})
	if _, err := get(t, strict, "http://crm.example"+port); refusal(t, err) == "" || served.Load() != 1 {
		t.Fatalf("%v, served %d requests", err, served.Load())
	}
}

func TestEnvironmentsProxyIsIgnored(t *testing.T) {
	var proxied atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { proxied.Add(1) }))
	t.Cleanup(proxy.Close)
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("HTTPS_PROXY", proxy.URL)
	names, _ := resolver(t, found("10.0.0.1"))
	_, err := get(t, egress.New(egress.Options{AllowHTTP: true, Resolver: names}), "http://crm.example/")
	if got := refusal(t, err); got != egress.Private || proxied.Load() != 0 {
		t.Fatalf("kind %q and %d requests by the proxy, want %q and none", got, proxied.Load(), egress.Private)
	}
}
