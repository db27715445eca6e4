namespace Kneepoint.Measurement;

/// <summary>What a variant does with one layer of the baseline.</summary>
/// <param name="Layer">The layer's name: the first output of its node in the baseline.</param>
/// <param name="Method">The method that treated it, with its options: "static-int8 range=mse"; "float" if none did.</param>
/// <param name="WeightBits">Bits per weight as stored.</param>
/// <param name="ActivationBits">Bits per activation as computed with.</param>
/// <param name="Fused">Whether the runtime runs it as one integer kernel; null where that is not a question.</param>
public sealed record LayerTreatment(string Layer, string Method, double WeightBits, double ActivationBits, bool? Fused);
