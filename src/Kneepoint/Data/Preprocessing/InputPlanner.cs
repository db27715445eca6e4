using Kneepoint.Data.Description;
using Kneepoint.Data.Formats;
using Kneepoint.Onnx;

namespace Kneepoint.Data.Preprocessing;

/// <summary>Decides how each input of the network is made, completing what the description leaves open by the network's signature.</summary>
sealed class InputPlanner(DataDescription description, IReadOnlyList<ValueSignature> network, ISampleSource source, IImageDecoder decoder, int seed)
{
    readonly List<Finding> _findings = [];

    /// <summary>What was assumed.</summary>
    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>Plans all inputs.</summary>
    /// <param name="targetField">The field that is no input; null if there is none.</param>
    /// <exception cref="DataException">Data and network do not fit; the message says what was expected and what was found.</exception>
    public IReadOnlyList<InputPlan> Plan(string? targetField)
    {
        if (network.Count == 0) throw new DataException("The network has no input to feed.");
        foreach (var (name, input) in description.Inputs)
        {
            if (network.All(signature => signature.Name != name))
            {
                throw description.Error(input.Line, $"the network has no input '{name}', it has {string.Join(", ", network.Select(signature => $"'{signature.Name}'"))}");
            }
        }

        if (description.Preprocess is { } preprocess && network.Count != 1)
        {
            throw description.Error(preprocess.Line, $"'preprocess' is for networks with one input, this one has {network.Count}: describe each under 'inputs'");
        }

        return [.. network.Select((signature, index) => PlanOne(signature, index, targetField))];
    }

    InputPlan PlanOne(ValueSignature signature, int index, string? targetField)
    {
        if (!ElementConversion.IsSupported(signature.ElementType))
        {
            throw new DataException($"The network's input '{signature.Name}' takes {signature.ElementType}: such values cannot be read from data.");
        }

        var input = description.Inputs.GetValueOrDefault(signature.Name) ?? description.Preprocess ?? new InputDescription();
        if (source.Fields.Count == 0 && !input.IsGenerated) input = input with { Random = DefaultRandom(signature) };
        if (input.IsGenerated) return new GeneratedInputPlanner(description).Plan(signature, input, index, seed);
        int field = FindField(signature, input, targetField);
        var planner = new FieldInputPlanner(description, source, decoder);
        var plan = planner.Plan(signature, input, field);
        _findings.AddRange(planner.Findings);
        return plan;
    }

    RandomDescription DefaultRandom(ValueSignature signature) => ElementConversion.IsFloat(signature.ElementType)
        ? new RandomDescription("normal")
        : throw description.Error(0, $"the network's input '{signature.Name}' takes {signature.ElementType}: say which numbers, such as 'random: integers 0..100' or 'zeros'");

    int FindField(ValueSignature signature, InputDescription input, string? targetField)
    {
        var names = source.Fields.Select(field => field.Name).ToList();
        string held = $"{source.Name} holds {string.Join(", ", names.Select(name => $"'{name}'"))}";
        string? wanted = description.Format == "csv" ? signature.Name : input.From?[0];
        if (description.Format != "csv" && input.From is { Count: > 1 }) throw description.Error(input.Line, $"the input '{signature.Name}' takes one field; only columns of a table can be joined");
        if (wanted is not null)
        {
            int index = names.IndexOf(wanted);
            return index >= 0 ? index : throw description.Error(input.Line, $"there is no field '{wanted}' for the input '{signature.Name}': {held}");
        }

        if (names.IndexOf(signature.Name) is >= 0 and var byName && network.Count > 1) return byName;
        int[] candidates = [.. Enumerable.Range(0, names.Count).Where(i => names[i] != targetField && !TargetPlanner.LooksLikeTarget(names[i]))];
        if (network.Count == 1 && candidates is [var only]) return only;
        throw description.Error(0, $"the network's input '{signature.Name}' has no data: {held}. Say under 'inputs' which field it takes, or 'zeros'");
    }
}
