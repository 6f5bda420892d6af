package egress

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// CheckURL tells what is wrong with an endpoint's URL before anything is sent:
// the scheme, credentials in it, a fragment, the port, an address that the
// guard would refuse, a host that only looks like a name. Errors hold the kind
// (as *RefusedError) and what to do, and never the URL, which may hold a token. A
// name is not resolved: the guard judges its addresses at every dial.
func CheckURL(raw string, o Options) error {
	u, err := url.Parse(raw)
	if err != nil {
		// The cause quotes the URL.
		return fmt.Errorf("%w; write it as https://host/path", &RefusedError{Malformed})
	}
	if u.Fragment != "" {
		return fmt.Errorf("%w; a URL for deliveries has no fragment (#)", &RefusedError{Malformed})
	}
	return check(u, o, rules())
}

// check holds the rules that are kept at every request too.
func check(u *url.URL, o Options, rules []rule) error {
	if u.Scheme != "https" && (u.Scheme != "http" || !o.AllowHTTP) {
		return fmt.Errorf("%w; use https, or allow_http for a trusted network", &RefusedError{Scheme})
	}
	if u.User != nil {
		return fmt.Errorf("%w; take user and password out of the URL", &RefusedError{Userinfo})
	}
	if err := checkPort(u.Port()); err != nil {
		return err
	}
	return checkHost(u.Hostname(), o, rules)
}

func checkPort(port string) error {
	if port == "" {
		return nil
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return fmt.Errorf("%w; a port is 1 to 65535", &RefusedError{Malformed})
	}
	return nil
}

func checkHost(host string, o Options, rules []rule) error {
	if a, err := netip.ParseAddr(host); err == nil {
		if a.Zone() != "" {
			return fmt.Errorf("%w; an address with a zone is not an endpoint", &RefusedError{Malformed})
		}
		return permit(a, o, rules)
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if err := plainName(host); err != nil {
		return fmt.Errorf("%w; %w", &RefusedError{Malformed}, err)
	}
	if (host == "localhost" || strings.HasSuffix(host, ".localhost")) && !o.AllowPrivate {
		return &RefusedError{Loopback}
	}
	return nil
}

// plainName refuses what a resolver may read as an address in another notation:
// 127.1, 0x7f.1, 2130706433, a dotted quad with a dot at its end (the WHATWG
// rule: a host whose last label is numeric is an IPv4 address).
func plainName(host string) error {
	if host == "" {
		return errors.New("the host is missing")
	}
	for _, c := range []byte(host) {
		if c >= 0x80 || c <= ' ' || strings.IndexByte("%\\/<>\"`{}|^[]", c) >= 0 {
			return errors.New("write the host in ASCII (xn-- form)")
		}
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	if last == "" {
		return errors.New("the host has an empty label")
	}
	if hex, ok := strings.CutPrefix(last, "0x"); ok && strings.Trim(hex, "0123456789abcdef") == "" {
		return errors.New("write the address with four decimal parts")
	}
	if strings.Trim(last, "0123456789") == "" {
		return errors.New("write the address with four decimal parts")
	}
	return nil
}

// permit is the guard's judgement on one address.
func permit(a netip.Addr, o Options, rules []rule) error {
	if k, bad := judge(rules, a); bad && (!o.AllowPrivate || !opened(k)) {
		return &RefusedError{k}
	}
	return nil
}
