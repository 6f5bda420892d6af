package app

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"bauta/cmd/bauta/app/config"
	"bauta/webhook"
	"bauta/webhook/graph"
)

// accountObject is what the platform calls a WABA in an app's subscriptions.
const accountObject = "whatsapp_business_account"

// lookAtPlatform asks the platform about every business that has a token.
func (d *doctor) lookAtPlatform(ctx context.Context) {
	dated := &dated{next: graph.NewHTTP().Transport}
	client, err := graph.New(graph.Options{
		URL: d.config.Platform.GraphURL, Version: d.config.Platform.GraphVersion, HTTP: &http.Client{Transport: dated}, RetryFor: time.Second,
	})
	if err != nil {
		d.bad("platform", err.Error(), "Mend platform in the configuration.")
		return
	}
	all := d.config.Businesses()
	asked := map[string]bool{}
	for i := range d.config.Business {
		b := &d.config.Business[i]
		if b.AccessToken.IsZero() {
			d.warning("business "+b.ID, "has no access_token: it cannot send, and the platform cannot be asked about it", "Set access_token.")
			continue
		}
		d.lookAtBusiness(ctx, client, b, &all[i])
		d.lookAtApp(ctx, client, b, asked)
	}
	if at, before, after, ok := dated.seen(); ok {
		d.clock("clock of the platform", max(before.Add(-time.Second).Sub(at), at.Sub(after), 0)) // its seconds are whole
	}
}

func (d *doctor) lookAtBusiness(ctx context.Context, client *graph.Client, b *config.Business, domain *webhook.Business) {
	check, token := "business "+b.ID, b.AccessToken.Reveal()
	watch, err := graph.NewWatch(graph.WatchOptions{
		Client: client, Businesses: func() []*webhook.Business { return []*webhook.Business{domain} }, Token: func(string) string { return token }, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		d.bad(check, err.Error(), "Mend platform and the business in the configuration: bauta config check.")
		return
	}
	watch.Check(ctx, domain)
	found := watch.Found(b.ID)
	unasked := map[account]bool{}
	for _, w := range found {
		where, remedy := check+", WABA "+w.WABA, w.Remedy()
		if remedy == "" {
			remedy = "Look at the account and its apps in Meta's business settings."
		}
		switch w.Word {
		case graph.WABACallback, graph.NumberCallback:
			d.warning(where, w.Problem(), remedy)
		case graph.NotAsked:
			// What keeps one question from being answered keeps others.
			if at := (account{w.WABA, w.Kind}); !unasked[at] {
				d.bad(where, w.Problem(), remedy)
				unasked[at] = true
			}
		case graph.OtherApps, graph.NoApp:
			d.bad(where, w.Problem(), remedy)
		}
	}
	if len(found) == 0 {
		d.good(check, "one app is subscribed to each of its accounts, and no callback leads elsewhere")
	}
	for _, waba := range b.WABAs {
		d.lookAtNumbers(ctx, client, b, waba, unasked)
	}
}

// account is a WABA of which something cannot be asked, and why.
type account struct {
	waba string
	kind graph.Kind
}

// lookAtNumbers finds whether the business can send from the numbers of an account. What
// keeps the unasked from being asked was said already.
func (d *doctor) lookAtNumbers(ctx context.Context, client *graph.Client, b *config.Business, waba string, unasked map[account]bool) {
	check := "business " + b.ID + ", WABA " + waba
	numbers, err := client.PhoneNumbers(ctx, b.AccessToken.Reveal(), waba)
	switch {
	case err != nil && unasked[account{waba, graph.KindOf(err)}]:
		return
	case err != nil:
		d.bad(check, "its phone numbers cannot be read", graph.Unasked(err)+".")
		return
	case len(numbers) == 0:
		d.warning(check, "it has no phone number", "Add one at Meta: nothing can come or go without.")
		return
	}
	ids := make([]string, len(numbers))
	for i, n := range numbers {
		ids[i] = n.ID
	}
	if err := client.MaySend(ctx, b.AccessToken.Reveal(), ids[0]); err != nil {
		d.bad(check, "its access token cannot be used to send", "Give it whatsapp_business_messaging and the account; the platform says: "+string(graph.KindOf(err))+".")
		return
	}
	d.good(check, "phone number ids "+strings.Join(ids, ", ")+"; the access token reads and sends")
}

// lookAtApp compares an app's own subscription with what the businesses need. The app's
// id at the platform is found among those subscribed to the account: it is the one that
// the configured secret opens.
func (d *doctor) lookAtApp(ctx context.Context, client *graph.Client, b *config.Business, asked map[string]bool) {
	if asked[b.App] || len(b.WABAs) == 0 {
		return
	}
	asked[b.App] = true
	check := "app " + b.App
	apps, err := client.SubscribedApps(ctx, b.AccessToken.Reveal(), b.WABAs[0])
	if err != nil {
		return // said of the business
	}
	for i := range d.config.Apps {
		if d.config.Apps[i].ID != b.App {
			continue
		}
		for _, secret := range d.config.Apps[i].AppSecrets {
			for _, app := range apps {
				subscriptions, err := client.Subscriptions(ctx, app.ID, secret.Reveal())
				if err == nil {
					d.judgeApp(check, b.App, subscriptions)
					return
				}
				if graph.KindOf(err) != graph.TokenRefused && graph.KindOf(err) != graph.NotFound {
					d.warning(check, "its subscription cannot be read", graph.Unasked(err)+".")
					return
				}
			}
		}
	}
	d.bad(check, "none of its app_secrets is that of an app that is subscribed to WABA "+b.WABAs[0], "Compare app_secrets with App settings, Basic; webhooks would be refused for their signature.")
}

func (d *doctor) judgeApp(check, id string, all []graph.Subscription) {
	i := slices.IndexFunc(all, func(s graph.Subscription) bool { return s.Object == accountObject && s.Active })
	if i < 0 {
		d.bad(check, "it is subscribed to no webhooks of WhatsApp", "In the app's dashboard, WhatsApp, Configuration: set the callback URL and subscribe to messages.")
		return
	}
	s := all[i]
	if !strings.HasSuffix(strings.TrimRight(s.Callback, "/"), "/webhooks/"+id) || d.config.PublicURL != "" && !strings.HasPrefix(s.Callback, d.config.PublicURL) {
		d.bad(check, "its callback URL is not Bauta's", "Set it to "+strings.TrimRight(d.config.PublicURL, "/")+"/webhooks/"+id+" in the app's dashboard, WhatsApp, Configuration.")
	}
	if missing := d.missing(s.Fields); len(missing) > 0 {
		d.warning(check, "it is not subscribed to "+strings.Join(missing, ", "), "Subscribe to them in the app's dashboard, WhatsApp, Configuration: endpoints want them.")
		return
	}
	d.good(check, "its secret is right, and it is subscribed to what endpoints want")
}

// missing are the fields that endpoints name and an app does not get; messages always
// counts.
func (d *doctor) missing(got []string) []string {
	want := []string{"messages"}
	for i := range d.config.Business {
		for _, e := range d.config.Business[i].Endpoints {
			want = append(want, e.Fields...)
		}
	}
	slices.Sort(want)
	return slices.DeleteFunc(slices.Compact(want), func(f string) bool { return slices.Contains(got, f) })
}

// dated notes the platform's clock.
type dated struct {
	next http.RoundTripper

	mu                sync.Mutex
	at, before, after time.Time
}

// RoundTrip implements http.RoundTripper.
func (d *dated) RoundTrip(r *http.Request) (*http.Response, error) {
	before := time.Now()
	response, err := d.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if at, parsed := http.ParseTime(response.Header.Get("Date")); parsed == nil {
		d.mu.Lock()
		d.at, d.before, d.after = at, before, time.Now()
		d.mu.Unlock()
	}
	return response, nil
}

func (d *dated) seen() (at, before, after time.Time, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at, d.before, d.after, !d.at.IsZero()
}
