package config

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// check tests a scalar against its tags.
func (f field) check(v reflect.Value, text string) *refusal {
	if f.hasOne && !slices.Contains(f.oneof, text) {
		choices := strings.Join(slices.DeleteFunc(slices.Clone(f.oneof), func(s string) bool { return s == "" }), ", ")
		return &refusal{"is none of its choices", "choose from: " + choices}
	}
	if broken := f.bounds(v); broken != "" {
		return &refusal{broken, ""}
	}
	if f.longest > 0 {
		if refused := f.label(text); refused != nil {
			return refused
		}
	}
	if text == "" {
		return nil
	}
	forms := map[string]refusal{
		"id":        {`^[a-z0-9][a-z0-9-]{0,31}$`, "write 1 to 32 of a-z, 0-9 and -, not beginning with -"},
		"digits":    {`^[0-9]{1,32}$`, "write the digits only"},
		"field":     {`^[a-z0-9_]{1,64}$`, "write a webhook field's name, such as messages"},
		"collector": {`^https?://[^/@?#\s]+(/[^?#\s]*)?$`, "write it such as http://127.0.0.1:4318; a user or token goes into headers"},
		"version":   {`^v[0-9]{1,3}\.[0-9]{1,2}$`, "write it such as v25.0"},
	}
	if form, ok := forms[f.format]; ok && !regexp.MustCompile(form.problem).MatchString(text) {
		return &refusal{"has not the right form", form.advice}
	}
	if f.format == "hostport" && !isHostPort(text) {
		return &refusal{"is no address to listen on", "write host:port or :port"}
	}
	return nil
}

// label checks a text that people read, in characters.
func (f field) label(text string) *refusal {
	if over := utf8.RuneCountInString(text) - f.longest; over > 0 {
		return &refusal{fmt.Sprintf("is too long by %d", over), fmt.Sprintf("write at most %d characters", f.longest)}
	}
	apart := func(r rune) bool { return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) }
	if strings.ContainsFunc(text, apart) || !utf8.ValidString(text) {
		return &refusal{"holds a control character", "write it in one line of plain text"}
	}
	return nil
}

func isHostPort(text string) bool {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

// general checks what stands outside apps and businesses.
func (d *decoder) general(c *Config) {
	if c.Listen == c.AdminListen && !strings.HasSuffix(c.Listen, ":0") { // port 0 is any free one
		d.fault("admin_listen", "is the same address as listen", "management must never be public: use another port")
	}
	if host, _, err := net.SplitHostPort(c.AdminListen); err == nil && !isLoopback(host) {
		d.warn("admin_listen", "other machines can reach it", "keep it on 127.0.0.1, or behind a firewall")
	}
	if (c.TLS.Cert == "") != (c.TLS.Key == "") {
		d.fault("tls", "cert and key belong together", "set both or none")
	}
	d.guard("tls.key", c.TLS.Key, "who has it can pass for this server")
	if c.TLS.ClientCA != "" && c.TLS.Cert == "" {
		d.fault("tls.client_ca", "works only when Bauta ends TLS itself", "set tls.cert and tls.key")
	}
	if (c.TLS.ClientCA == "") != (c.TLS.ClientCN == "") {
		d.fault("tls.client_cn", "client_ca and client_cn belong together", "set both or none: every certificate of the CA would pass otherwise")
	}
	if graph, err := url.Parse(c.Platform.GraphURL); err != nil || graph.Host == "" || graph.User != nil || graph.RawQuery != "" || graph.Fragment != "" ||
		graph.Scheme != "https" && (graph.Scheme != "http" || !isLoopback(graph.Hostname())) {
		d.fault("platform.graph_url", "is no https base URL", "write it such as https://graph.facebook.com")
	}
	if public, err := url.Parse(c.PublicURL); c.PublicURL != "" && (err != nil || public.Host == "" || public.User != nil || public.RawQuery != "" || public.Fragment != "" ||
		public.Scheme != "https" && public.Scheme != "http") {
		d.fault("public_url", "is no base URL", "write it such as https://bauta.example")
	}
	if public, err := url.Parse(c.PublicURL); err == nil && public.Scheme == "http" && !isLoopback(public.Hostname()) {
		d.warn("public_url", "is not https: tokens and what customers send would travel in clear", "write https://")
	}
	d.redis(c.Redis)
}

func (d *decoder) redis(r Redis) {
	embedded := r.URL.Reveal() == "embedded"
	if !embedded {
		target, err := url.Parse(r.URL.Reveal())
		schemes := []string{"redis", "rediss", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster"}
		if err != nil || target.Host == "" || !slices.Contains(schemes, target.Scheme) {
			d.fault("redis.url", "is no Redis URL", "write it such as redis://127.0.0.1:6379/0, or embedded")
		}
	}
	if (r.TLS.Cert == "") != (r.TLS.Key == "") {
		d.fault("redis.tls", "cert and key belong together", "set both or none")
	}
	if r.TLS != (StoreTLS{}) && !strings.HasPrefix(r.URL.Reveal(), "rediss") {
		d.fault("redis.tls", "redis.url is without TLS", "write rediss://, rediss+sentinel:// or rediss+cluster://")
	}
	if embedded && r.Acknowledge != "memory" {
		d.fault("redis.acknowledge", "the embedded store keeps nothing on disk or in replicas", "use a Redis server, or acknowledge: memory")
	}
}

// apps checks the apps and returns their ids.
func (d *decoder) apps(apps []App) map[string]bool {
	ids := map[string]bool{}
	for i, app := range apps {
		path := fmt.Sprintf("apps[%d]", i)
		if app.ID != "" && ids[app.ID] {
			d.fault(path+".id", "another app has this id", "ids are unique")
		}
		ids[app.ID] = true
	}
	return ids
}

// endpointURL checks the URL of an endpoint. What a name resolves to is checked
// when it is dialled.
func (d *decoder) endpointURL(e Endpoint, path string) {
	if e.URL == "" {
		return
	}
	target, err := url.Parse(e.URL)
	switch {
	case err != nil || target.Hostname() == "" || target.Scheme != "https" && target.Scheme != "http":
		d.fault(path, "is no URL", "write it such as https://crm.example/hooks/whatsapp")
	case target.User != nil:
		d.fault(path, "must hold no user or password", "receivers check the signature")
	case target.Fragment != "":
		d.fault(path, "must hold no fragment", "remove what follows #")
	case target.Scheme == "http" && !e.AllowHTTP && isInternal(target.Hostname()) && !e.AllowPrivate:
		d.fault(path, "must be https, and is an address of a private network", "set allow_http: true and allow_private: true to allow both")
	case target.Scheme == "http" && !e.AllowHTTP:
		d.fault(path, "must be https", "set allow_http: true to allow http")
	case isInternal(target.Hostname()) && !e.AllowPrivate:
		d.fault(path, "is an address of a private network", "set allow_private: true to allow it")
	}
}

// secretForm checks a whsec_ secret (Standard Webhooks 1.0: 24 to 64 bytes in
// base64) and warns of one without that prefix.
func (d *decoder) secretForm(s Secret, path string) {
	if s.IsZero() {
		return
	}
	encoded, ok := strings.CutPrefix(s.Reveal(), "whsec_")
	if !ok {
		d.warn(path, "has no whsec_ prefix, so webhook-signature is not sent for it", "X-Hub-Signature-256 is; for both use whsec_ and the base64 of 24 to 64 random bytes")
		return
	}
	if key, err := base64.StdEncoding.DecodeString(encoded); err != nil || len(key) < 24 || len(key) > 64 {
		d.fault(path, "is no Standard Webhooks secret", "whsec_ is followed by the base64 of 24 to 64 random bytes")
	}
}

// standsIn tells that the platform is played by something on this machine.
func (p Platform) standsIn() bool {
	graph, err := url.Parse(p.GraphURL)
	return err == nil && isLoopback(graph.Hostname())
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.Unmap().IsLoopback()
}

func isInternal(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	addr = addr.Unmap()
	return err == nil && (addr.IsLoopback() || addr.IsPrivate() || addr.IsLinkLocalUnicast() || addr.IsUnspecified())
}
