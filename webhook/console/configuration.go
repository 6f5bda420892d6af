package console

import (
	"strings"

	"bauta/webhook/operate"
)

// configurationView is the page of the configuration as it was loaded.
type configurationView struct {
	operate.Loaded

	Groups []settingGroup
	// Outcome of a reload that was asked for on this page; nil for none.
	Outcome *operate.Outcome
}

// settingGroup are the settings below one key of the top, or one business: those that
// stand in the file, and the defaults.
type settingGroup struct {
	Name          string
	Own, Defaults []operate.Setting
}

// Tone of a reload's outcome, and the end of its message.
func (v *configurationView) Tone() string {
	switch {
	case len(v.Outcome.Faults) > 0:
		return "bad"
	case v.Outcome.Changed:
		return "ok"
	}
	return ""
}

// Came is the end of the message that says what a reload came to.
func (v *configurationView) Came() string {
	switch {
	case len(v.Outcome.Faults) > 0:
		return "refused"
	case v.Outcome.Changed:
		return "changed"
	}
	return "same"
}

func (c *Console) configuration(v *visit) error { return c.drawConfiguration(v, nil) }

func (c *Console) drawConfiguration(v *visit, outcome *operate.Outcome) error {
	loaded, err := c.Desk.Configuration(v.actor)
	if err != nil {
		return err
	}
	out := &configurationView{Loaded: loaded, Outcome: outcome}
	places := map[string]int{}
	for _, s := range loaded.Settings {
		name := groupOf(s.Key)
		at, known := places[name]
		if !known {
			at = len(out.Groups)
			places[name] = at
			out.Groups = append(out.Groups, settingGroup{Name: name})
		}
		if g := &out.Groups[at]; s.Line > 0 {
			g.Own = append(g.Own, s)
		} else {
			g.Defaults = append(g.Defaults, s)
		}
	}
	return c.render(v, "configuration", 0, out)
}

// groupOf is the first part of a key; what has no second part is of the top, "".
func groupOf(key string) string {
	name, _, ok := strings.Cut(key, ".")
	if !ok {
		return ""
	}
	return name
}

// reload reads the configuration anew, and says what came of it.
func (c *Console) reload(v *visit) error {
	outcome, err := c.Desk.Reload(v.ctx(), v.actor)
	if err != nil {
		return err
	}
	return c.drawConfiguration(v, &outcome)
}
