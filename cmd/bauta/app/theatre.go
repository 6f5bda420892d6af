package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"bauta/cmd/bauta/app/config"
	"bauta/masking/keys"
	"bauta/redis/embedded"
	"bauta/webhook"
	"bauta/webhook/access"
	"bauta/webhook/playground"
)

// theatreConfiguration is what the playground's Bauta runs with. Its rule asks the
// platform for the ad's campaign.
const theatreConfiguration = `listen: "%s"
admin_listen: "127.0.0.1:0"
redis: {url: embedded}
platform: {graph_url: "http://%s"}
apps: [{id: main, verify_token: demo, app_secrets: ["demo"]}]
businesses:
  - id: acme
    app: main
    wabas: ["102290129340398"]
    access_token: demo-of-the-platform
    name: Lucky Shrub
    handles: {shape: %s}
    hiding:
      rules:
        - {name: job-ads, when: 'ad.present && ad.campaign == "7002"', hide: false}
    sharing: {ask: on_request, languages: {US: %s}}
    groups:
      - {id: "Y2FwaV9ncm91cDoxNTU1MDc4Mzg4MToxMjAzNjMxMjM0NTY3ODkwMTI", name: "Plant lovers", hide: true}
    endpoints:
      - id: crm
        url: "http://%s/hooks"
        secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
        allow_private: true
        allow_http: true
`

func theatreScene() playground.Scene {
	return playground.Scene{
		App: "main", Secret: demoSecret, AccessToken: demoAccessToken, Campaign: "7002",
		Group: "Y2FwaV9ncm91cDoxNTU1MDc4Mzg4MToxMjAzNjMxMjM0NTY3ODkwMTI",
	}
}

// theatre starts Bauta for the playground: as serve does, on an embedded store that lasts
// until the next start. It is used by one caller at a time.
type theatre struct {
	std    Std
	server *embedded.Server
	// listen is where the public listener is; the first start chooses.
	listen string
}

func newTheatre(std Std) *theatre { return &theatre{std: std, listen: "127.0.0.1:0"} }

// Start implements playground.Starter.
func (t *theatre) Start(ctx context.Context, s playground.Setting) (_ playground.Running, err error) {
	t.close()
	if t.server, err = embedded.Start(); err != nil {
		return playground.Running{}, err
	}
	set, err := keys.Generate()
	if err != nil {
		return playground.Running{}, fmt.Errorf("make keys: %w", err)
	}
	c, err := t.configure(s)
	if err != nil {
		return playground.Running{}, err
	}
	logger := slog.New(slog.NewTextHandler(t.std.Err, &slog.HandlerOptions{Level: slog.LevelError}))
	o := opening{config: c, keys: set, logger: logger}
	store, err := t.server.Open(ctx, storeOptions(o))
	if err != nil {
		return playground.Running{}, fmt.Errorf("open the demo's store: %w", err)
	}
	k, err := newCoreOn(ctx, o, store)
	if err != nil {
		return playground.Running{}, err
	}
	k.observe = s.Observe
	n, err := startOn(ctx, k)
	if err != nil {
		return playground.Running{}, err
	}
	t.listen = n.public.address
	out := playground.Running{
		Public: "http://" + n.public.address, Admin: "http://" + n.admin.address, Stop: n.stop,
		Change: func(ctx context.Context, m playground.Manner) error {
			s.Manner = m
			next, err := t.configure(s)
			if err != nil {
				return err
			}
			return n.apply(ctx, next)
		},
	}
	if out.Token, err = t.token(ctx, k, access.Families()...); err == nil {
		out.ManageToken, err = t.token(ctx, k, access.Manage)
	}
	if err != nil {
		return playground.Running{}, errors.Join(err, n.stop())
	}
	return out, nil
}

// configure is the configuration for a setting.
func (t *theatre) configure(s playground.Setting) (*config.Config, error) {
	text := fmt.Appendf(nil, theatreConfiguration, t.listen, s.Platform, s.Shape, s.Language, s.CRM)
	c, err := config.Parse("demo", text, t.std.Env)
	if err != nil {
		return nil, fmt.Errorf("the demo's own configuration: %w", err)
	}
	return c, nil
}

func (t *theatre) token(ctx context.Context, k *core, scopes ...string) (string, error) {
	token, _, err := k.tokens.Issue(ctx, webhook.Grant{
		Business: "acme", Scopes: scopes, Label: "the demo's CRM", Expires: time.Now().Add(24 * time.Hour),
	})
	return token, err
}

func (t *theatre) close() {
	if t.server != nil {
		t.server.Close()
		t.server = nil
	}
}
