// Evaluates a ValidatingAdmissionPolicy as the API server does, with the same CEL library: the policy is the first
// argument, one request a line of standard input, one verdict a line of standard output.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/ext"
	"go.yaml.in/yaml/v3"
)

type named struct{ Name, Expression string }

type policy struct {
	Kind string
	Spec struct {
		MatchConditions []named `yaml:"matchConditions"`
		Variables       []named
		Validations     []struct {
			Expression        string
			MessageExpression string `yaml:"messageExpression"`
		}
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func read(path string) policy {
	file, err := os.Open(path)
	fail(err)
	defer file.Close()
	documents := yaml.NewDecoder(file)
	for {
		var each policy
		if err := documents.Decode(&each); errors.Is(err, io.EOF) {
			fail(errors.New("no ValidatingAdmissionPolicy in " + path))
		} else {
			fail(err)
		}
		if each.Kind == "ValidatingAdmissionPolicy" {
			return each
		}
	}
}

func evaluate(env *cel.Env, expression string, values map[string]any) any {
	ast, issues := env.Compile(expression)
	fail(issues.Err())
	program, err := env.Program(ast)
	fail(err)
	result, _, err := program.Eval(values)
	if err != nil {
		fail(fmt.Errorf("%s: %w", expression, err))
	}
	return result
}

func main() {
	env, err := cel.NewEnv(
		cel.Variable("object", cel.DynType), cel.Variable("oldObject", cel.DynType),
		cel.Variable("request", cel.DynType), cel.Variable("variables", cel.MapType(cel.StringType, cel.DynType)),
		ext.Strings())
	fail(err)
	asked := read(os.Args[1])
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		values := map[string]any{"oldObject": nil}
		fail(json.Unmarshal(lines.Bytes(), &values))
		variables := map[string]any{}
		values["variables"] = variables
		matched := true
		for _, condition := range asked.Spec.MatchConditions {
			matched = matched && evaluate(env, condition.Expression, values) == types.True
		}
		var refusals []string
		if matched {
			for _, variable := range asked.Spec.Variables {
				variables[variable.Name] = evaluate(env, variable.Expression, values)
			}
			for _, validation := range asked.Spec.Validations {
				if evaluate(env, validation.Expression, values) != types.True {
					refusals = append(refusals, fmt.Sprint(evaluate(env, validation.MessageExpression, values).(interface{ Value() any }).Value()))
				}
			}
		}
		if len(refusals) == 0 {
			fmt.Println("admitted")
		} else {
			fmt.Println("refused: " + strings.Join(refusals, " | "))
		}
	}
	fail(lines.Err())
}
