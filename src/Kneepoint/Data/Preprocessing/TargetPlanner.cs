using Kneepoint.Data.Description;
using Kneepoint.Data.Formats;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Data.Preprocessing;

/// <summary>Decides what the targets are, and which metric they allow.</summary>
sealed class TargetPlanner(DataDescription description, IReadOnlyList<ValueSignature> outputs, ISampleSource source)
{
    static readonly string[] Names = ["label", "labels", "y", "target", "targets", "next"];

    /// <summary>Whether a field is a target by its name.</summary>
    public static bool LooksLikeTarget(string field) => Names.Contains(field) || field == "coarse";

    /// <summary>The field that holds the target; null if there is none.</summary>
    /// <exception cref="DataException">The description names a field that the source lacks.</exception>
    public string? FindField()
    {
        if (description.Target is not { } target) return source.Fields.Select(field => field.Name).FirstOrDefault(Names.Contains);
        if (target.From is null || source.Fields.Any(field => field.Name == target.From)) return target.From;
        throw description.Error(target.Line, $"there is no field '{target.From}' for the target: {source.Name} holds {string.Join(", ", source.Fields.Select(field => $"'{field.Name}'"))}");
    }

    /// <summary>The field that is a target and no input besides; null if there is none.</summary>
    public string? FindTargetOnly() => description.Target?.IsNext == true ? null : FindField();

    /// <summary>Plans the target; null for fidelity.</summary>
    /// <returns>The metric's name and the plan.</returns>
    /// <exception cref="DataException">The metric needs targets of another kind.</exception>
    public (string Metric, TargetPlan? Plan) Plan()
    {
        string? name = FindField();
        if (name is null)
        {
            return description.Metric is null or "fidelity" ? ("fidelity", null)
                : throw description.Error(0, $"the metric {description.Metric} needs targets, and {source.Name} has none: name their field under 'target', or use 'metric: fidelity'");
        }

        int index = source.Fields.ToList().FindIndex(field => field.Name == name);
        var field = source.Fields[index];
        if (field.Kind != FieldKind.Array) throw description.Error(description.Target?.Line ?? 0, $"the target '{name}' is {field.Shape}: expected numbers");
        string metric = description.Metric ?? DefaultMetric(field);
        if (metric == "fidelity") return ("fidelity", null);
        bool isValues = metric is "mse" or "psnr";
        bool isNext = description.Target?.IsNext == true;
        long[] dimensions = field.IsScalar && !isValues ? [] : [.. field.Dimensions];
        if (!isValues) CheckClasses(metric, field, isNext);
        return (metric, new TargetPlan
        {
            Field = index,
            Signature = field,
            ElementType = isValues ? ElementType.Float32 : ElementType.Int64,
            Dimensions = dimensions,
            Offset = description.Target?.Offset ?? 0,
            IsNext = isNext,
            Ignore = description.Target?.Ignore,
            ClassCount = isValues ? -1 : ClassCount(metric),
        });
    }

    void CheckClasses(string metric, SampleField field, bool isNext)
    {
        int line = description.Target?.Line ?? 0;
        if (metric != "nll" && (!field.IsScalar || isNext))
        {
            throw description.Error(line, $"the metric {metric} takes one class per sample, the target '{field.Name}' is {field.Shape}");
        }

        if (isNext && field.Dimensions is not [> 1]) throw description.Error(line, $"'next' takes rows of tokens, the field '{field.Name}' is {field.Shape}");
        if (metric != "nll" && description.Target?.Ignore is not null) throw description.Error(line, "'ignore' is for the metric nll");
    }

    static string DefaultMetric(SampleField field) => field.IsScalar
        ? ElementConversion.IsFloat(field.ElementType) ? "mse" : "top1"
        : ElementConversion.IsFloat(field.ElementType) ? "mse" : "nll";

    /// <summary>The classes that the network tells apart; −1 if its output does not say.</summary>
    long ClassCount(string metric)
    {
        var output = Output();
        long count = output?.Dimensions switch
        {
            [_, 1] or [_] => 2,
            [_, var classes] => classes,
            [_, _, var classes] => classes,
            _ => -1,
        };
        return metric == "top5" && count is >= 0 and <= 5
            ? throw description.Error(0, $"the metric top5 needs more than 5 classes, the network's output '{output!.Name}' has {count}")
            : count;
    }

    ValueSignature? Output()
    {
        if (description.Output is not { } name) return outputs.Count > 0 ? outputs[0] : null;
        return outputs.FirstOrDefault(output => output.Name == name)
            ?? throw description.Error(0, $"the network has no output '{name}', it has {string.Join(", ", outputs.Select(output => $"'{output.Name}'"))}");
    }
}
