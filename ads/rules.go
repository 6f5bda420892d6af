package ads

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
)

const (
	// maxCost of one condition, in CEL's units (about a comparison each): by
	// estimate when it is compiled, and in fact whenever it runs.
	maxCost = 20_000
	// Bounds of a condition's own size.
	maxCondition = 8 << 10
	maxNesting   = 50
	// Sizes that the estimate takes for what the platform sends.
	longText, shortText = 4096, 256
)

// rule is a compiled Rule.
type rule struct {
	name         string
	hide, report bool
	program      cel.Program
}

// compiler compiles conditions.
type compiler struct{ env *cel.Env }

func newCompiler() (*compiler, error) {
	options := append(variables(),
		cel.ParserExpressionSizeLimit(maxCondition), cel.ParserRecursionLimit(maxNesting),
		cel.ASTValidators(cel.ValidateRegexLiterals(), cel.ValidateDurationLiterals(), cel.ValidateTimestampLiterals()))
	env, err := cel.NewEnv(options...)
	if err != nil {
		return nil, fmt.Errorf("ads: making the rule compiler: %w", err)
	}
	return &compiler{env: env}, nil
}

// compile returns a policy's rules, or all of their faults, each a *RuleError.
func (c *compiler) compile(p *Policy) ([]rule, error) {
	faults := []error{p.checkNames()}
	rules := make([]rule, 0, len(p.Rules))
	for _, r := range p.Rules {
		program, err := c.condition(p, r)
		faults = append(faults, err)
		rules = append(rules, rule{name: r.Name, hide: r.Hide, report: r.Report, program: program})
	}
	return rules, errors.Join(faults...)
}

func (c *compiler) condition(p *Policy, r Rule) (cel.Program, error) {
	if strings.TrimSpace(r.When) == "" {
		return nil, p.fault(r, "the condition (when) is missing; write true to match everybody")
	}
	checked, issues := c.env.Compile(r.When)
	if issues.Err() != nil {
		var faults []error
		for _, e := range issues.Errors() {
			line, column := max(1, e.Location.Line()), max(1, e.Location.Column()+1)
			f := p.fault(r, explain(e.Message, nameAt(r.When, line, column)))
			f.Line, f.Column = line, column
			faults = append(faults, f)
		}
		return nil, errors.Join(faults...)
	}
	if checked.OutputType() != cel.BoolType {
		f := p.fault(r, fmt.Sprintf("the condition must be true or false, it is of type %s", checked.OutputType()))
		f.Line, f.Column = 1, 1
		return nil, f
	}
	estimate, err := c.env.EstimateCost(checked, sizes{})
	if err != nil || estimate.Max > maxCost {
		f := p.fault(r, fmt.Sprintf("the condition can cost more than %d units; use fewer or simpler patterns and loops", maxCost))
		f.Line, f.Column = 1, 1
		return nil, f
	}
	program, err := c.env.Program(checked, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(maxCost))
	if err != nil {
		return nil, p.fault(r, "the condition cannot be prepared: "+err.Error())
	}
	return program, nil
}

// nameAt is the dotted name that begins at a place of a condition, "" if none does.
func nameAt(when string, line, column int) string {
	lines := strings.Split(when, "\n")
	if line > len(lines) || column > len(lines[line-1]) {
		return ""
	}
	return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*`).FindString(lines[line-1][column-1:])
}

// explain says of an unknown name which one it is, and which there are: the
// compiler names only the part before the dot.
func explain(message, name string) string {
	if !strings.HasPrefix(message, "undeclared reference") {
		return message
	}
	if name != "" {
		message = "there is no " + name
	}
	return message + "; conditions see ad.{present,type,id,url,headline,body,media,clid,campaign,account,adset,destination,status}, " +
		"customer.{country,first_contact,has_number,bucket}, business.id, now"
}

// sizes bounds what variables hold, for the estimate. More than that is caught
// by the limit at run time.
type sizes struct{}

// EstimateSize implements cost.Estimator.
func (sizes) EstimateSize(node cost.AstNode) *cost.SizeEstimate {
	path := node.Path()
	if len(path) == 0 || node.Type().Kind() != types.StringKind {
		return nil
	}
	size := cost.RangedSizeEstimate(0, shortText)
	switch path[0] {
	case "ad.url", "ad.headline", "ad.body", "ad.clid":
		size.Max = longText
	}
	return &size
}

// EstimateCallCost implements cost.Estimator: functions cost what CEL says.
func (sizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}
