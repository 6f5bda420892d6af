package reply

import (
	"net/http"
	"net/netip"
	"strings"
)

// locate fills in by which URL the business reached this API: the one configured, or
// what the request itself says. Forwarded headers count from trusted proxies only;
// whoever lies about the host leads nobody but themselves astray.
func (h *Handler) locate(r *request, request *http.Request) {
	r.root = strings.TrimRight(h.PublicURL, "/")
	if r.root == "" {
		scheme, host := "http", request.Host
		if request.TLS != nil {
			scheme = "https"
		}
		if h.trusts(request.RemoteAddr) {
			if proto := request.Header.Get("X-Forwarded-Proto"); proto == "http" || proto == "https" {
				scheme = proto
			}
			if forwarded := request.Header.Get("X-Forwarded-Host"); isHost(forwarded) {
				host = forwarded
			}
		}
		if !isHost(host) {
			host = "localhost"
		}
		r.root = scheme + "://" + host
	}
	r.base = r.root
	if r.version != "" {
		r.base += "/" + r.version
	}
}

func (h *Handler) trusts(remote string) bool {
	if len(h.TrustedProxies) == 0 {
		return false
	}
	peer, err := netip.ParseAddrPort(remote)
	if err != nil {
		return false
	}
	address := peer.Addr().Unmap()
	for _, prefix := range h.TrustedProxies {
		if prefix.Contains(address) {
			return true
		}
	}
	return false
}

// mostHost is the longest name of a host, with a port, in bytes.
const mostHost = 260

// isHost takes what can be part of a URL without being read as anything else.
func isHost(host string) bool {
	if host == "" || len(host) > mostHost {
		return false
	}
	for _, b := range []byte(host) {
		switch {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', strings.IndexByte("-._:[]", b) >= 0:
		default:
			return false
		}
	}
	return true
}
