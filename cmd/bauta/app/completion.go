package app

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"bauta/cmd/bauta/app/config"
	"bauta/masking/keys"
	"bauta/masking/sharing"
	"bauta/webhook"
	"bauta/webhook/access"
)

// complete tells shells what can be written behind every flag: files, closed sets, and
// ids that stand in the configuration. Nothing is asked of the store: no customer, handle,
// event or token is ever proposed.
func complete(root *cobra.Command, std Std) {
	ids := configured{std}
	anyFile := func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveDefault
	}
	completeBelow(root, map[string]cobra.CompletionFunc{
		"business": ids.businesses,
		"endpoint": ids.endpoints,
		"format":   oneOf("jsonl", "csv"),
		"language": oneOf(slices.Sorted(maps.Keys(sharing.BuiltIn()))...),
		"purpose":  oneOf(string(keys.Wrap), string(keys.Lookup)),
		"scope":    listOf(access.Scopes()...),
		"shape":    oneOf("bsuid", "phone"),
		"config":   ending("yaml", "yml"),
		"keys":     ending("json"),
		"key":      ending("pem"),
		"file":     anyFile,
		"out":      anyFile,
	})
}

// completeBelow does so for a command and all below it. What has no set of its own is
// completed with nothing, where a shell would propose files.
func completeBelow(c *cobra.Command, sets map[string]cobra.CompletionFunc) {
	for _, sub := range c.Commands() {
		completeBelow(sub, sets)
	}
	if c.HasSubCommands() || c.ValidArgsFunction != nil {
		return
	}
	c.ValidArgsFunction = cobra.NoFileCompletions
	c.Flags().VisitAll(func(f *pflag.Flag) {
		set := sets[f.Name]
		if set == nil {
			set = cobra.NoFileCompletions
		}
		if f.Value.Type() == "bool" {
			return
		}
		_ = c.RegisterFlagCompletionFunc(f.Name, set) // it is there, and was not registered before
	})
}

// oneOf proposes a closed set.
func oneOf(all ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(all, cobra.ShellCompDirectiveNoFileComp)
}

// listOf proposes a closed set for the last of several, which commas part.
func listOf(all ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, begun string) (list []string, _ cobra.ShellCompDirective) {
		before := begun[:strings.LastIndex(begun, ",")+1]
		for _, one := range all {
			list = append(list, before+one)
		}
		return list, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// ending proposes files by their ending.
func ending(endings ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(endings, cobra.ShellCompDirectiveFilterFileExt)
}

// configured proposes ids of the configuration that the line names. It needs no secret,
// and says nothing where the file cannot be read: a shell shows no errors.
type configured struct{ std Std }

func (c configured) read(cmd *cobra.Command) *config.Config {
	path, err := cmd.Flags().GetString("config")
	if err != nil {
		return nil
	}
	read, _, err := config.Draft(path, c.std.Env, config.StoreSecrets)
	if err != nil {
		return nil
	}
	return read
}

func (c configured) businesses(cmd *cobra.Command, _ []string, _ string) (ids []string, _ cobra.ShellCompDirective) {
	if read := c.read(cmd); read != nil {
		for i := range read.Business {
			ids = append(ids, read.Business[i].ID)
		}
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}

// endpoints are those of the business that the line names, or of all.
func (c configured) endpoints(cmd *cobra.Command, _ []string, _ string) (ids []string, _ cobra.ShellCompDirective) {
	business, _ := cmd.Flags().GetString("business")
	if read := c.read(cmd); read != nil {
		for i := range read.Business {
			if business != "" && read.Business[i].ID != business {
				continue
			}
			for j := range read.Business[i].Endpoints {
				ids = append(ids, read.Business[i].Endpoints[j].ID)
			}
		}
		ids = append(ids, webhook.PlatformEndpoint)
	}
	return slices.Compact(ids), cobra.ShellCompDirectiveNoFileComp
}
