using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Limits;
using Kneepoint.Limits.OfStudy;
using Kneepoint.Limits.Size;

namespace Kneepoint.Reports;

/// <summary>One sentence of plain language for each statement, about the study's own network.</summary>
public static class LimitsSentences
{
    /// <summary>Statements in the order of their letters, each with its sentence.</summary>
    public static ImmutableArray<(Statement Statement, string Sentence)> Of(FrontierDocument document, StudyLimits limits)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(limits);
        var words = new Words(document, limits);
        return [.. StatementList.All.Select(statement => (statement, words.Of(statement)))];
    }

    sealed class Words(FrontierDocument document, StudyLimits limits)
    {
        const int FineBits = 8;

        // The smallest of the frontier: where limits are nearest.
        readonly VariantLimits? _smallest = limits.Variants.Where(variant => variant.ModelBits is not null && document.Find(variant.Id)?.OnFrontier == true).MinBy(variant => variant.ModelBits);

        public string Of(Statement statement) => statement switch
        {
            { Letter: 'A' } => Overfitting(),
            { Letter: 'B' } => Memorization(),
            { Letter: 'C' } => Description(),
            { Letter: 'E' } when statement == ClopperPearson.Statement => HeldOut(),
            { Letter: 'E' } => Occam(),
            { Letter: 'F' } => Noise(),
            { Letter: 'G' } or { Letter: 'H' } => Code(statement),
            { Letter: 'I' } => "Whatever the network, rounding number by number and coding the codes well stays 0.25 bits a weight above the ideal at high rates; a trellis recovers half to three quarters of that.",
            { Letter: 'J' } => "Whatever the network, each bit more of a code of fixed length buys 6.02 dB of signal to noise, as long as nothing lies outside the range.",
            { Letter: 'K' } => Optima(),
            { Letter: 'L' } => Entropy(),
            { Letter: 'M' } => limits.Precision is { } precision && precision.Rows.FirstOrDefault(row => row.Bits == FineBits) is { MismatchAtMost: { } most }
                ? $"Were the weights rounded to {FineBits} bits with independent errors, at most {LimitsFigures.Share(most)} of the decisions would change." : Missing('M'),
            { Letter: 'N' } => Certified(),
            { Letter: 'O' } => Predicted(),
            { Letter: 'P' } => limits.Resolution is { } resolution
                ? $"{Format.Whole(limits.Samples)} samples show differences between two variants from {LimitsFigures.Percent(resolution.Paired)} on; what is closer is one point."
                : Missing('P'),
            { Letter: 'Q' } => "With losses that add up layer by layer, the best choice under a budget has a bound that no choice beats, and a price for each byte; exact answers to budgets are not part of this version.",
            _ => Missing(statement.Letter),
        };

        string Missing(char letter) => limits.Missing.FirstOrDefault(missing => missing.Letter == letter)?.Reason ?? "Not available: run 'kneepoint limits' on the study's folder.";

        string What(string id) => document.Find(id) is { } variant ? RecipeText.Of(variant.Recipe) : id;

        string Overfitting() => _smallest is { SizeAtLeastBits: >= 0 and < double.PositiveInfinity and var least, ModelBits: { } bits }
            ? least > 0
                ? $"A network that does so much better on its training samples takes {LimitsFigures.Bits(least)} at least, in any code; the smallest of the frontier takes {LimitsFigures.Bits(bits)}, {Format.Factor(bits / least)} as much."
                : "The smallest network of the frontier does no better on its training samples than on new ones, as far as they can tell: its overfitting asks for no bits."
            : Missing('A');

        string Memorization()
        {
            if (limits.Classes is not { } classes || (limits.TrainSamples ?? limits.Labels) is not { } labels) return Missing('B');
            double bits = MemorizationCount.LeastBits(labels, classes, 0);
            return $"To know {Format.Whole(labels)} labels of {classes} classes by heart, were they random, would take {LimitsFigures.Bits(bits)}; a network that has learned a rule may take less.";
        }

        string Description() => limits.MdlChoice is { } choice && limits.Variants.First(variant => variant.Id == choice.AsMeasured) is var best
            ? $"Network and labels together are shortest with {What(best.Id)}: {LimitsFigures.Bits(best.ModelBits)} for the network and {LimitsFigures.Bits(best.LabelBits)} for {Format.Whole(limits.Labels ?? limits.Samples)} labels."
            : Missing('C');

        string HeldOut() => _smallest?.HeldOutErrorAtMost is { } most
            ? $"Had it been chosen beforehand, the smallest network of the frontier would {(document.Data.Metric.Name == "fidelity" ? "decide otherwise than the baseline on" : "get wrong")} at most {LimitsFigures.Percent(most)} of new samples of this kind, with 95 % confidence; as one of {limits.Variants.Length} that these samples have chosen among, at most {LimitsFigures.Percent(_smallest.ChosenErrorAtMost)} (an ESTIMATE)."
            : "Not available: the metric counts no errors.";

        string Occam() => _smallest is { OccamErrorAtMost: >= 0 and var most }
            ? _smallest.IsOccamVacuous == true
                ? "The guarantee from packed bytes alone is vacuous: the network is too large for so few training samples."
                : $"From its packed bytes alone, without any test data, the smallest network of the frontier gets at most {LimitsFigures.Percent(most)} wrong."
            : Missing('E');

        string Noise()
        {
            if (limits.Noise is null) return Missing('F');
            var known = limits.Variants.Where(variant => document.Find(variant.Id)?.OnFrontier == true && (variant.NoiseRateByDivergence ?? variant.NoiseRate) is { } rate && double.IsFinite(rate.Value)).Where(variant => variant.BitsPerWeight is >= 0 and < double.PositiveInfinity).MinBy(variant => variant.BitsPerWeight);
            if (known is null) return "No variant of the frontier loses what noise of any rate that was measured loses.";
            double needed = (known.NoiseRateByDivergence ?? known.NoiseRate)!.Value.Value;
            return string.Create(CultureInfo.InvariantCulture, $"{What(known.Id)} takes {known.BitsPerWeight:0.00} bits a weight and loses what the noise of an ideal code of {needed:0.00} bits loses: {Format.Signed(known.BitsPerWeight!.Value - needed, 2)}.");
        }

        string Code(Statement statement)
        {
            if (statement.Status == LimitStatus.Conditional && statement.Letter == 'G') return "For a Gaussian or a Laplace density the least rate of an error is known in closed form; the layers of this network have densities of their own, so the two statements beside this one are used.";
            var layers = _smallest?.Layers.Where(layer => layer.IdealStatement == statement.Letter && layer.WastedBits is { } wasted && double.IsFinite(wasted)).ToList() ?? [];
            if (limits.Noise is null) return Missing(statement.Letter);
            if (layers.Count == 0) return "No layer of the smallest network on the frontier is in its range.";
            double gap = layers.Sum(layer => layer.WastedBits!.Value) / layers.Sum(layer => layer.Weights);
            var worst = layers.MaxBy(layer => layer.WastedBits)!;
            return string.Create(CultureInfo.InvariantCulture, $"The code of the smallest network on the frontier is {gap:0.00} bits a weight above the ideal code of the same error; most is wasted in {worst.Layer}: {LimitsFigures.Bits(worst.WastedBits)}.");
        }

        string Optima()
        {
            if (limits.Noise is null) return Missing('K');
            var found = limits.Variants.SelectMany(variant => variant.Layers).Where(layer => layer.ErrorOverOptimum is { } over && double.IsFinite(over)).ToList();
            if (found.Count == 0) return "No variant of the frontier has few values or few directions in a layer, so there is no optimum to compare with.";
            var worst = found.MaxBy(layer => layer.ErrorOverOptimum)!;
            return string.Create(CultureInfo.InvariantCulture, $"Layers with few values, or of low rank, err {found.Average(layer => layer.ErrorOverOptimum!.Value):0.00} times as much as the best that there is for them, at most {worst.ErrorOverOptimum:0.00} times ({worst.Layer}); values are compared by their plain squared error, which those that are fitted to the data do not aim at.");
        }

        string Entropy()
        {
            if (limits.Noise is null) return Missing('L');
            var layers = _smallest?.Layers.Where(layer => layer.EntropyBitsPerWeight is > 0 and < double.PositiveInfinity).ToList() ?? [];
            if (layers.Count == 0) return "No layer of the smallest network on the frontier has fewer values than weights.";
            double share = layers.Sum(layer => layer.Bits) / layers.Sum(layer => layer.EntropyBitsPerWeight!.Value * layer.Weights);
            return string.Create(CultureInfo.InvariantCulture, $"The packed weights of the smallest network on the frontier take {100 * share:0} % of what a code takes that knows the shares of the values and nothing of their order.");
        }

        string Certified()
        {
            if (limits.Precision is not { } precision || precision.Rows.All(row => row.CertifiedShare is null)) return limits.Precision?.NoCertificate ?? Missing('N');
            var first = precision.Rows.Where(row => row.CertifiedShare is > 0).MinBy(row => row.Bits);
            return first is null
                ? $"Interval arithmetic certifies nothing up to {precision.Rows.Max(row => row.Bits)} bits: it takes the worst case of every weight at once."
                : $"From {first.Bits} bits on, {LimitsFigures.Percent(first.CertifiedShare)} of the samples are right for every network whose weights are within half a step: a floor, far below what is measured.";
        }

        string Predicted()
        {
            if (limits.Ranks is not { } ranks) return Missing('O');
            double? rank = ranks.FisherWithDivergence ?? ranks.FisherWithLabels ?? ranks.LayerwiseWithLabels ?? ranks.FisherWithChange ?? ranks.LayerwiseWithChange;
            string trust = rank is >= 0.8 ? "trust it to choose among variants" : "measure rather than trust it";
            return string.Create(CultureInfo.InvariantCulture, $"Second-order predictions rank {ranks.Variants} variants with a correlation of {LimitsFigures.Number(rank)} with what was measured: {trust}.");
        }
    }
}
