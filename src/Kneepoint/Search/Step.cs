using System.Collections.Immutable;

namespace Kneepoint.Search;

/// <summary>One compression operation on stated layers: data, not code, so that it can be stored, hashed and compared.</summary>
/// <remarks>A layer is named by the first output of its node in the baseline graph, the one name that ONNX guarantees to be unique.</remarks>
/// <param name="Method">The method's name in kebab case: "static-int8".</param>
/// <param name="Layers">Layers in the baseline's order; the single entry "*" for methods that treat the whole network.</param>
/// <param name="Options">The method's options by name, sorted, each in its canonical text; options at their default are left out.</param>
public sealed record Step(string Method, ImmutableArray<string> Layers, ImmutableSortedDictionary<string, string> Options)
{
    /// <summary>The scope of methods that treat the whole network.</summary>
    public const string WholeNetwork = "*";

    /// <inheritdoc/>
    public bool Equals(Step? other) => other is not null && Method == other.Method
        && Layers.AsSpan().SequenceEqual(other.Layers.AsSpan()) && Options.SequenceEqual(other.Options);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Method, Layers.Length, Options.Count);
}
