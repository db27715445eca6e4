using CsCheck;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Tensors;

public sealed class TrellisTests
{
    static readonly Gen<int> State = Gen.Int[0, Trellis.States - 1];

    [Fact]
    public void Indices_and_multiples_are_each_others_inverse() => Gen.Select(State, Gen.Int[-40_000, 40_000]).Sample((state, index) =>
        Assert.Equal(index, Trellis.Index(state, Trellis.Multiple(state, index))));

    [Fact]
    public void Even_states_have_even_multiples_and_odd_ones_odd_multiples_and_zero()
    {
        for (int state = 0; state < Trellis.States; state++)
        {
            for (int multiple = -9; multiple <= 9; multiple++) Assert.Equal(state % 2 == 0 ? multiple % 2 == 0 : multiple % 2 != 0 || multiple == 0, Trellis.Index(state, multiple) is not null);
        }
    }

    [Fact]
    public void Two_states_lead_to_each_state_and_both_parities_lead_apart()
    {
        var into = Enumerable.Range(0, Trellis.States).SelectMany(state => new[] { Trellis.Next(state, 0), Trellis.Next(state, 1) }).GroupBy(next => next).ToList();

        Assert.Equal(Trellis.States, into.Count);
        Assert.All(into, states => Assert.Equal(2, states.Count()));
        for (int state = 0; state < Trellis.States; state++) Assert.NotEqual(Trellis.Next(state, 0), Trellis.Next(state, 1));
    }

    [Fact]
    public void The_parity_of_the_index_alone_moves_the_state() => Gen.Select(State, Gen.Int[-1000, 1000]).Sample((state, index) =>
        Trellis.Next(state, index) == Trellis.Next(state, index + 2) && Trellis.Next(state, index) == Trellis.Next(state, -index));

    [Fact]
    public void Zeros_stay_in_state_0() => Assert.Equal(0, Trellis.Next(0, 0));
}
