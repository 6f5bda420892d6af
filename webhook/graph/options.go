package graph

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// What the durations of Options are if they are 0.
const (
	// DefaultTimeout is how long one look-up of an ad may take.
	DefaultTimeout = 2 * time.Second
	// DefaultCallTimeout is how long one call may take, repetitions included.
	DefaultCallTimeout = 15 * time.Second
	// DefaultRetryFor is how long after its beginning a call may be repeated.
	DefaultRetryFor = 10 * time.Second
	// DefaultIdleTimeout is how long an upload or a download may stand still.
	DefaultIdleTimeout = 30 * time.Second
)

// Options of a Client.
type Options struct {
	// URL is platform.graph_url, such as https://graph.facebook.com.
	URL string
	// Version is platform.graph_version, such as v25.0.
	Version string
	// HTTP makes the calls; see NewHTTP. It is copied; the copy follows no redirect,
	// since that would carry the access token elsewhere, keeps no cookies, and has no
	// timeout of its own, which would cut long transfers off.
	HTTP *http.Client
	// Timeout of one look-up of an ad.
	Timeout time.Duration
	// CallTimeout bounds a call without a stream as a whole, its waits included.
	CallTimeout time.Duration
	// RetryFor: no repetition begins later than this after the call's beginning.
	RetryFor time.Duration
	// IdleTimeout is how long a stream may stand still, in either direction; streams
	// have no other bound of time.
	IdleTimeout time.Duration
	// MediaHosts are further hosts that media may be downloaded from, such as
	// media.example; https only, and exactly these names.
	MediaHosts []string
	// Metrics may be nil.
	Metrics *Metrics
}

const versionForm = `^v[0-9]{1,3}\.[0-9]{1,2}$`

// check finds every fault, and returns the base URL if there is none.
func (o *Options) check() (*url.URL, error) {
	var faults []error
	base, err := url.Parse(o.URL)
	if err != nil || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Scheme != "https" && base.Scheme != "http" {
		faults = append(faults, errors.New("graph_url: want a URL such as https://graph.facebook.com, without query or user"))
	}
	if !regexp.MustCompile(versionForm).MatchString(o.Version) {
		faults = append(faults, errors.New("graph_version: want a version such as v25.0"))
	}
	if o.HTTP == nil {
		faults = append(faults, errors.New("graph: an HTTP client is required"))
	}
	for _, d := range []struct {
		name string
		is   *time.Duration
		def  time.Duration
	}{
		{"timeout", &o.Timeout, DefaultTimeout},
		{"timeout of calls", &o.CallTimeout, DefaultCallTimeout},
		{"time for repetitions", &o.RetryFor, DefaultRetryFor},
		{"timeout of streams", &o.IdleTimeout, DefaultIdleTimeout},
	} {
		if *d.is < 0 {
			faults = append(faults, fmt.Errorf("graph: the %s must not be negative, it is %v", d.name, *d.is))
		}
		if *d.is == 0 {
			*d.is = d.def
		}
	}
	for _, host := range o.MediaHosts {
		if !isHostName(host) {
			faults = append(faults, fmt.Errorf("media host %q: want a name such as media.example, in lower case, without port", host))
		}
	}
	return base, errors.Join(faults...)
}

// isHostName takes full names only: no address, no port, no dot at the end.
func isHostName(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil || len(host) > 253 || strings.Contains(host, "..") {
		return false
	}
	return regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*\.[a-z][a-z0-9-]*[a-z0-9]$`).MatchString(host)
}
