package graph

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

const (
	// What the durations of Options are if they are 0.
	defaultTimeout     = 2 * time.Second
	defaultCallTimeout = 15 * time.Second
	defaultRetryFor    = 10 * time.Second

	// idleTimeout is how long an upload or a download may stand still, in either
	// direction; they have no other bound of time.
	idleTimeout = 30 * time.Second
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
	// Timeout of one look-up of an ad; 0: 2 s.
	Timeout time.Duration
	// CallTimeout bounds a call without a stream as a whole, its waits included; 0:
	// 15 s.
	CallTimeout time.Duration
	// RetryFor: no repetition begins later than this after the call's beginning; 0:
	// 10 s.
	RetryFor time.Duration
	// Metrics may be nil.
	Metrics *Metrics
}

// check finds every fault, and returns the base URL if there is none.
func (o *Options) check() (*url.URL, error) {
	var faults []error
	base, err := url.Parse(o.URL)
	if err != nil || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Scheme != "https" && base.Scheme != "http" {
		faults = append(faults, errors.New("graph_url: want a URL such as https://graph.facebook.com, without query or user"))
	}
	if !isVersion(o.Version) {
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
		{"timeout", &o.Timeout, defaultTimeout},
		{"timeout of calls", &o.CallTimeout, defaultCallTimeout},
		{"time for repetitions", &o.RetryFor, defaultRetryFor},
	} {
		if *d.is < 0 {
			faults = append(faults, fmt.Errorf("graph: the %s must not be negative, it is %v", d.name, *d.is))
		}
		if *d.is == 0 {
			*d.is = d.def
		}
	}
	return base, errors.Join(faults...)
}
